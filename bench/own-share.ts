import { type Line, ofKind, ofTheOperation, type TraceLine } from "./trace.ts";

/** Milliseconds of one step. */
export interface Share {
  step: string;
  /** The control plane's own: its code, its calls of AWS and of the cluster. */
  own: number;
  /** For instances to become ready or to leave, and for the model server's answers. */
  waiting: number;
}

interface Interval {
  from: number;
  to: number;
}

/** Where the time of one operation went, in the order of its steps; what lies between them is Step Functions' and cold starts'. */
export function sharesOf(trace: TraceLine[]): Share[] {
  const lines = ofTheOperation(trace);
  const invocations = ofKind(lines, "invocation").toSorted((one, other) => intervalOf(one).from - intervalOf(other).from);
  const shares = invocations.map((invocation) => {
    const waiting = waitingIn(invocation, lines);
    return { step: invocation.function, own: invocation.milliseconds - waiting, waiting };
  });
  const all = invocations.map(intervalOf);
  const whole = Math.max(...all.map(({ to }) => to)) - Math.min(...all.map(({ from }) => from));
  const between = whole - invocations.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  return [...shares, { step: "between the steps", own: between, waiting: 0 }];
}

function intervalOf(line: { at: string; milliseconds: number }): Interval {
  const from = Date.parse(line.at);
  return { from, to: from + line.milliseconds };
}

function waitingIn(invocation: Line<"invocation">, lines: TraceLine[]): number {
  const during = intervalOf(invocation);
  const requests = ofKind(lines, "cluster").filter(({ caller }) => caller === invocation.function);
  const calls = ofKind(lines, "aws").filter(({ caller }) => caller === invocation.function);
  const waits = [...requests.filter(isWait).map(intervalOf), ...leaving(requests, during)].map((wait) => within(wait, during));
  // A watch goes on while the step writes down what it has seen: that is the step's own.
  const work = calls.map(intervalOf);
  return lengthOf(waits) - lengthOf(waits.flatMap((wait) => work.map((call) => within(call, wait))));
}

/** Watching instances, or asking the model server; what is asked of the gateway is part of moving traffic. */
const isWait = ({ verb, resource, name }: Line<"cluster">): boolean =>
  verb === "watch" || (resource === "services/proxy" && !name.startsWith("slipway-gateway"));

/** A step that has removed objects looks until their instances have left. */
function leaving(requests: Line<"cluster">[], { to }: Interval): Interval[] {
  const removed = requests.filter(({ verb }) => verb === "delete").map((request) => intervalOf(request).to);
  return removed.length === 0 ? [] : [{ from: Math.max(...removed), to }];
}

const within = (interval: Interval, outer: Interval): Interval => ({
  from: Math.max(interval.from, outer.from),
  to: Math.min(interval.to, outer.to),
});

/** Of the union: what overlaps counts once, what ends before it begins not at all. */
function lengthOf(intervals: Interval[]): number {
  let [length, reached] = [0, Number.NEGATIVE_INFINITY];
  for (const { from, to } of intervals.toSorted((one, other) => one.from - other.from)) {
    length += Math.max(0, to - Math.max(from, reached));
    reached = Math.max(reached, to);
  }
  return length;
}
