import type { Log as Warnings } from "../ports/surroundings.ts";

/** In the order of their weight; a line below the level that is asked for is not written. */
const levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "CRITICAL", "SILENT"] as const;
type Level = (typeof levels)[number];

type Line = (message: string, extra?: Error | Record<string, unknown>) => void;
export interface Log extends Record<"debug" | "info" | "warn" | "error", Line> {
  /** Adds to every line that follows, until the next reset: whose invocation it is. */
  appendKeys(keys: Record<string, unknown>): void;
  resetKeys(): void;
}

/**
 * One JSON line per entry, as Powertools for AWS Lambda writes them; nothing is made before there is a line to write. Level by
 * AWS_LAMBDA_LOG_LEVEL (Lambda's own setting), else POWERTOOLS_LOG_LEVEL, else INFO.
 * Never given a request's body, headers or env values.
 */
export function jsonLog(variables: NodeJS.ProcessEnv, write: (level: Level, line: string) => void): Log {
  let keys: Record<string, unknown> = {};
  const line =
    (level: Level): Line =>
    (message, extra) => {
      if (levels.indexOf(level) < levels.indexOf(leastLevel(variables))) return;
      const known = { level, message, timestamp: new Date().toISOString(), service: "slipway", xray_trace_id: traceId(variables) };
      const said = { ...keys, ...(extra instanceof Error ? { error: extra } : extra) };
      write(level, `${JSON.stringify(withoutEmpty({ ...known, ...said, ...known }), writable())}\n`);
    };
  return {
    debug: line("DEBUG"),
    info: line("INFO"),
    warn: line("WARN"),
    error: line("ERROR"),
    appendKeys: (more) => {
      keys = { ...keys, ...more };
    },
    resetKeys: () => {
      keys = {};
    },
  };
}

/** The function's own. Standard error is for what somebody should look at. */
export const logger: Log = jsonLog(process.env, (level, line) => {
  const isWarning = level === "WARN" || level === "ERROR";
  (isWarning ? process.stderr : process.stdout).write(line);
});

/** The port of operations and syncs, on the function's logger. */
export const warnings: Warnings = { warn: (message, error) => logger.warn(message, error) };

function leastLevel({ AWS_LAMBDA_LOG_LEVEL: lambdas, POWERTOOLS_LOG_LEVEL: ours }: NodeJS.ProcessEnv): Level {
  const asked = lambdas === "FATAL" ? "CRITICAL" : lambdas;
  return levels.find((level) => level === asked) ?? levels.find((level) => level === ours) ?? "INFO";
}

/** `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=…;Sampled=1` */
const traceId = ({ _X_AMZN_TRACE_ID: trace = "" }: NodeJS.ProcessEnv): string | undefined => /(?:^|;)Root=([^;]+)/.exec(trace)?.[1];

const withoutEmpty = (line: object): object =>
  Object.fromEntries(Object.entries(line).filter(([, value]) => value !== undefined && value !== null && value !== ""));

/** What JSON has no form for: an error becomes its parts, a large integer its digits; what contains itself is left out there. */
function writable() {
  const around: { value: object; written: object }[] = [];
  return function (this: unknown, _key: string, value: unknown): unknown {
    if (typeof value === "bigint") return value.toString();
    if (typeof value !== "object" || value === null) return value;
    while (around.length > 0 && around.at(-1)?.written !== this) around.pop();
    if (around.some((outer) => outer.value === value)) return undefined;
    const written = value instanceof Error ? errorParts(value) : value;
    around.push({ value, written });
    return written;
  };
}

/** With its own fields, as the `code` of Node's errors, and what caused it. */
function errorParts(error: Error): object {
  const { name, message, stack, cause } = error;
  return { ...{ name, location: locationIn(stack), message, stack, cause }, ...(error as object) };
}

/** The first place that a stack names: `file:///var/task/index.mjs:12` */
const locationIn = (stack = ""): string => {
  const place = /\(([^()]*?):(\d+?):\d+?\)$/m.exec(stack);
  return place ? `${place[1]}:${place[2]}` : "";
};
