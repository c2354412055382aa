import project from "../../package.json" with { type: "json" };

/** Of this release. */
export const { version } = project;
