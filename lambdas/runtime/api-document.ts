declare const bundledApiDocument: string;

/** The OpenAPI document of this release, as text. lib/toolkit/bundles.ts puts it in: making it at a first call took longer than all else. */
export const apiDocument = bundledApiDocument;
