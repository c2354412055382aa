export interface KnownDifference {
  /** Of `causes.ts`. */
  cause: string;
  /** Of the story: `messages.waiting ErrImagePull`. */
  place: string;
}

/** Where the local cluster shows something else than was recorded, and why it may. */
export const knownDifferences: KnownDifference[] = [];
