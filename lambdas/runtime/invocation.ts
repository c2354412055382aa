import type { Context } from "aws-lambda";

/** What a handler may know of the invocation that runs it. */
export interface Invocation {
  /** How long this invocation may still run. A step that watches gives back control before it is over. */
  remainingMilliseconds(): number;
}

export const invocation = (context: Context): Invocation => ({
  remainingMilliseconds: () => context.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY,
});
