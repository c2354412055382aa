import type { TaskState } from "../../local/step-functions/definition.ts";
import { machines } from "./executions.ts";
import type { Path } from "./path.ts";
import { paths } from "./paths.ts";
import { abortPromotion } from "./promotion-scripts.ts";
import { type Outcome, runPath } from "./run.ts";
import type { Stumble } from "./stumble.ts";

/**
 * A path for every way out of a Task that is not its ordinary end: each of its catchers, each of its retriers, and a
 * failure that nobody catches. Made from the definitions; each lengthens the shortest path that comes by the Task: of a
 * promotion only for its own machine, since a newer version overtakes no rollout in production.
 */
export async function stumblingPaths(): Promise<Path[]> {
  const walked: ({ path: Path } & Outcome)[] = [];
  for (const path of paths) {
    const outcome = await runPath(path, []);
    if (isAskedFor(outcome)) walked.push({ path, ...outcome });
  }
  walked.sort((one, other) => one.effects - other.effects);
  return stumbles().map((stumble) => {
    const { machine, state, by } = stumble;
    const own = walked.filter(({ path: { policy } }) => machine === "promotion" || policy === undefined);
    const base = own.find(({ ways }) => [...ways].some((way) => way.startsWith(`${machine}: ${state}, `)));
    if (!base) throw new Error(`no path comes by ${machine}: ${state}`);
    const how = by === "overtaken" ? "is overtaken" : `ends with ${by}`;
    const name = `${base.path.name}: ${state} of ${machine} ${how}`;
    const interruption = machine === "promotion" ? abortPromotion : base.path.interruption;
    return { ...base.path, name, stumble, interruption, isOnlyPlain: isTriedAgain(stumble) };
  });
}

/** Clean-ups go by the same states, and end nobody's operation. */
const isAskedFor = ({ trace }: Outcome): boolean =>
  trace.some(({ at, executor }) => at > 0 && (executor.endsWith("request") || executor === "ReceiveEvent"));

/** After it all goes on as if nothing had been: with faults, that is the path without it. */
const isTriedAgain = ({ by }: Stumble): boolean => by !== "overtaken" && by !== unexpected;

/** An error that nobody expects. */
const unexpected = "Error";

function stumbles(): Stumble[] {
  return machines.flatMap(({ name: machine, definition: { States } }) =>
    Object.entries(States).flatMap(([state, definition]) => {
      if (definition.Type !== "Task") return [];
      return [...new Set(errorsOf(definition))].map((by) => ({ machine, state, by }));
    }),
  );
}

/** One for each retrier and catcher, and one for what is left. */
function errorsOf({ Retry = [], Catch = [] }: TaskState): string[] {
  const named = [...Retry, ...Catch].map(({ ErrorEquals: [first = unexpected] }) => first);
  return [...named.map((name) => (name === "States.ALL" ? unexpected : name === "StaleEpoch" ? "overtaken" : name)), unexpected];
}
