import { type Line, ofKind, ofTheOperation, type TraceLine } from "./trace.ts";

/** What one operation took, from its request to its end. Keys are in the order in which they first came. */
export interface Counts {
  /** By state machine. */
  transitions: Record<string, number>;
  /** By function. */
  invocations: Record<string, number>;
  /** By function and action, as DynamoDB bills them. */
  write_units: Record<string, number>;
  read_units: Record<string, number>;
  /** Requests to DynamoDB, in the same way. */
  requests: Record<string, number>;
  /** By function, `verb resource`. */
  cluster: Record<string, Record<string, number>>;
}

export function countsOf(trace: TraceLine[]): Counts {
  const lines = ofTheOperation(trace);
  const dynamodb = ofKind(lines, "aws").filter(({ service }) => service === "dynamodb");
  const requests = Map.groupBy(ofKind(lines, "cluster"), ({ caller }) => caller);
  return {
    transitions: tally(ofKind(lines, "transition"), ({ machine }) => machine),
    invocations: tally(ofKind(lines, "invocation"), (line) => line.function),
    write_units: tally(dynamodb, callName, ({ write_units = 0 }) => write_units),
    read_units: tally(dynamodb, callName, ({ read_units = 0 }) => read_units),
    requests: tally(dynamodb, callName),
    cluster: Object.fromEntries([...requests].map(([caller, made]) => [caller, tally(made, requestName)])),
  };
}

const callName = ({ caller, action }: Line<"aws">): string => `${caller} ${action}`;
const requestName = ({ verb, resource }: Line<"cluster">): string => `${verb} ${resource}`;

function tally<Item>(items: Item[], nameOf: (item: Item) => string, weightOf: (item: Item) => number = () => 1): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) {
    const weight = weightOf(item);
    if (weight > 0) counts[nameOf(item)] = (counts[nameOf(item)] ?? 0) + weight;
  }
  return counts;
}

export const total = (counts: Record<string, number>): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

/** Requests that write objects, by function; what passes through to a model server or the gateway writes nothing. */
export function writesOf({ cluster }: Counts): Record<string, Record<string, number>> {
  const writing = (made: Record<string, number>) =>
    Object.fromEntries(Object.entries(made).filter(([request]) => /^(create|update|patch|delete) (?!.*\/proxy$)/.test(request)));
  const written = Object.entries(cluster).map(([caller, made]) => [caller, writing(made)] as const);
  return Object.fromEntries(written.filter(([, made]) => Object.keys(made).length > 0));
}

/** Writes that neither make nor remove an object. */
export const changesOf = (counts: Counts): number =>
  Object.values(writesOf(counts))
    .flatMap((made) => Object.entries(made))
    .reduce((sum, [request, count]) => sum + (/^(update|patch) /.test(request) ? count : 0), 0);
