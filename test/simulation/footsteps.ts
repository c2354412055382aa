import type { MachineDefinition, State } from "../../local/step-functions/definition.ts";

/** A way out of a state as its definition writes it, in one line: `rollout: Bake, Catch[1], to ShiftTrafficBack`. */
export type Way = string;

interface HistoryEvent {
  type: string;
  details: Record<string, { name?: unknown; error?: unknown } | undefined>;
}

const wayOf = (machine: string, from: string, by: string, to: string): Way => `${machine}: ${from}, ${by}, to ${to}`;

/** Every way of a machine: its start, each `Next`, rule, `Default`, retrier and catcher, its ends, and a failure that nobody catches. */
export function waysIn(machine: string, { StartAt, States }: MachineDefinition): Way[] {
  const begins = wayOf(machine, "it", "StartAt", StartAt);
  return [begins, ...Object.entries(States).flatMap(([name, state]) => waysOut(state).map(([by, to]) => wayOf(machine, name, by, to)))];
}

/** What leads out of a state, and where; of a retrier to the state itself. */
function waysOut(state: State): [by: string, to: string][] {
  const { Next, End, Default, Choices = [], Retry = [], Catch = [] } = state as Ways;
  const isEnd = End || state.Type === "Succeed" || state.Type === "Fail";
  const isCaught = Catch.some(({ ErrorEquals }) => ErrorEquals.includes("States.ALL"));
  return [
    ...(Next ? [["Next", Next] as [string, string]] : []),
    ...(isEnd ? [["End", "its end"] as [string, string]] : []),
    ...Choices.map((rule, index): [string, string] => [`Choices[${index}]`, rule.Next]),
    ...(Default ? [["Default", Default] as [string, string]] : []),
    ...Retry.map((_, index): [string, string] => [`Retry[${index}]`, "itself"]),
    ...Catch.map((catcher, index): [string, string] => [`Catch[${index}]`, catcher.Next]),
    ...(state.Type === "Task" && !isCaught ? [["uncaught", "its end"] as [string, string]] : []),
  ];
}

interface Ways {
  Next?: string;
  End?: boolean;
  Default?: string;
  Choices?: { Next: string }[];
  Retry?: { ErrorEquals: string[] }[];
  Catch?: { ErrorEquals: string[]; Next: string }[];
}

interface Position {
  machine: string;
  definition: MachineDefinition;
  /** Null before the first. */
  state: string | null;
  /** Name of the error with which the attempt under way in it has failed. */
  failed: string | null;
}

/** Which ways executions have gone, from their own history. */
export class Footsteps {
  readonly ways = new Set<Way>();
  private readonly positions = new Map<string, Position>();

  begin(arn: string, machine: string, definition: MachineDefinition): void {
    this.positions.set(arn, { machine, definition, state: null, failed: null });
  }

  /** The state that an execution is in; null before its first, and after its end. */
  stateOf(arn: string): string | null {
    return this.positions.get(arn)?.state ?? null;
  }

  note(arn: string, { type, details }: HistoryEvent): void {
    const position = this.positions.get(arn);
    if (!position) return;
    if (type.endsWith("StateEntered")) this.enter(position, String(details.stateEnteredEventDetails?.name));
    else if (type === "TaskFailed") position.failed = String(details.taskFailedEventDetails?.error);
    else if (type === "TaskTimedOut") position.failed = "States.Timeout";
    else if (type === "TaskScheduled" && position.failed !== null) this.retry(position, position.failed);
    else if (type === "ExecutionSucceeded" || type === "ExecutionFailed") this.leave(arn, position);
  }

  private enter(position: Position, to: string): void {
    const { machine, definition, state, failed } = position;
    const from = state === null ? undefined : definition.States[state];
    if (from) this.ways.add(wayOf(machine, state as string, byOf(from, failed, to), to));
    else this.ways.add(wayOf(machine, "it", "StartAt", to));
    Object.assign(position, { state: to, failed: null });
  }

  private retry(position: Position, error: string): void {
    const { machine, definition, state } = position;
    const { Retry = [] } = definition.States[state as string] as Ways;
    const index = Retry.findIndex(({ ErrorEquals }) => isMatched(ErrorEquals, error));
    this.ways.add(wayOf(machine, state as string, `Retry[${index}]`, "itself"));
    position.failed = null;
  }

  private leave(arn: string, { machine, state, failed }: Position): void {
    this.ways.add(wayOf(machine, String(state), failed === null ? "End" : "uncaught", "its end"));
    this.positions.delete(arn);
  }
}

function byOf(from: State, failed: string | null, to: string): string {
  const { Choices, Catch = [] } = from as Ways;
  if (failed !== null) return `Catch[${Catch.findIndex(({ ErrorEquals }) => isMatched(ErrorEquals, failed))}]`;
  if (!Choices) return "Next";
  const index = Choices.findIndex(({ Next }) => Next === to);
  return index < 0 ? "Default" : `Choices[${index}]`;
}

const isMatched = (names: string[], error: string): boolean => names.includes(error) || names.includes("States.ALL");
