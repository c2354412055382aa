/** Searches of CloudWatch Logs that somebody was told to ask for again. Times are milliseconds. */
export interface LogSearches {
  /** Says so, as of `at`; said again, it is as of then. */
  await(searchId: string, at: number): Promise<void>;
  /** It is over: nobody has to stop it any more. */
  forget(searchId: string): Promise<void>;
  /** Takes those of which that was last said before a time: each is given to one caller. */
  takeLeft(before: number): Promise<string[]>;
}
