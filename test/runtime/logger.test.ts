import { Logger } from "@aws-lambda-powertools/logger";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { jsonLog, type Log } from "../../lambdas/runtime/logger.ts";

const trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1";

/** What our log writes for this, parsed. */
function written(tell: (log: Log) => void, variables: NodeJS.ProcessEnv = {}): Record<string, unknown>[] {
  const lines: string[] = [];
  tell(jsonLog(variables, (_level, line) => lines.push(line)));
  expect(lines.every((line) => line.endsWith("\n") && line.indexOf("\n") === line.length - 1)).toBe(true);
  return lines.map((line) => JSON.parse(line));
}

/** What Powertools writes for it, in the order of its fields; without the rate of sampled lines, which is not ours to set. */
function writtenByPowertools(tell: (log: Log) => void): object[] {
  const lines: string[] = [];
  const powertools = new Logger({ serviceName: "slipway" });
  const keep = (line: string) => lines.push(line);
  Object.assign(powertools, { console: { debug: keep, info: keep, warn: keep, error: keep } });
  tell(powertools as unknown as Log);
  return lines.map((line) => {
    const { sampling_rate: _, ...rest } = JSON.parse(line);
    return rest;
  });
}

class Refused extends Error {
  readonly code = "ECONNREFUSED";
}
const refused = () => new Refused("nobody listens", { cause: new TypeError("no address") });
const ofAnInvocation = { function: "Prepare", uid: "01U", operation_id: "01O", epoch: 2 };

describe("the log", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date("2026-11-21T09:12:03.120Z") });
    vi.stubEnv("_X_AMZN_TRACE_ID", trace);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  });

  it.each<[string, (log: Log) => void]>([
    ["a line by itself", (log) => log.info("refused")],
    ["a line with fields", (log) => log.warn("late", { reason: "ImagePullBackOff", seconds: 3, empty: "", none: null, no: undefined })],
    ["what belongs to an invocation", (log) => [log.appendKeys(ofAnInvocation), log.appendKeys({ epoch: 3 }), log.error("failed")]],
    ["nothing of the invocation before", (log) => [log.appendKeys(ofAnInvocation), log.resetKeys(), log.info("next")]],
    ["numbers that JSON has no form for", (log) => log.info("counted", { bytes: 2n ** 64n })],
    ["below the level", (log) => log.debug("not to be seen")],
  ])("writes %s as Powertools does", (_what, tell) => {
    const ours = written(tell, { _X_AMZN_TRACE_ID: trace });
    expect(ours).toEqual(writtenByPowertools(tell));
    expect(ours.map((line) => Object.keys(line))).toEqual(writtenByPowertools(tell).map((line) => Object.keys(line)));
  });

  it("writes an error as Powertools does, with its own fields and what caused it", () => {
    const error = refused();
    const tell = (log: Log) => log.error("step failed unexpectedly", error);
    const [ours] = written(tell, { _X_AMZN_TRACE_ID: trace });
    expect(ours).toEqual(writtenByPowertools(tell)[0]);
    expect(ours).toMatchObject({
      error: { code: "ECONNREFUSED", stack: expect.stringContaining("logger.test.ts"), cause: { name: "TypeError" } },
    });
  });

  it("leaves out what contains itself, in place of failing whoever tells it", () => {
    const error = refused();
    error.cause = error;
    const round: Record<string, unknown> = { name: "ring" };
    round.self = round;
    expect(written((log) => log.error("odd", error))).toMatchObject([{ message: "odd", error: { message: "nobody listens" } }]);
    expect(written((log) => log.info("odd", { round, again: round }))).toMatchObject([
      { round: { name: "ring" }, again: { name: "ring" } },
    ]);
  });

  it("lets nobody write over what every line says of itself", () => {
    const [line] = written((log) => log.info("true", { level: "ERROR", message: "false", service: "other" }));
    expect(line).toMatchObject({ level: "INFO", message: "true", service: "slipway" });
  });

  it.each([
    [{}, ["INFO", "WARN", "ERROR"]],
    [{ POWERTOOLS_LOG_LEVEL: "DEBUG" }, ["DEBUG", "INFO", "WARN", "ERROR"]],
    [{ POWERTOOLS_LOG_LEVEL: "ERROR" }, ["ERROR"]],
    [{ POWERTOOLS_LOG_LEVEL: "SILENT" }, []],
    [{ POWERTOOLS_LOG_LEVEL: "loud" }, ["INFO", "WARN", "ERROR"]],
    [{ POWERTOOLS_LOG_LEVEL: "DEBUG", AWS_LAMBDA_LOG_LEVEL: "WARN" }, ["WARN", "ERROR"]],
    [{ AWS_LAMBDA_LOG_LEVEL: "FATAL" }, []],
  ])("writes with %j the levels %j", (variables, expected) => {
    const tellAll = (log: Log) => {
      for (const level of ["debug", "info", "warn", "error"] as const) log[level](level);
    };
    expect(written(tellAll, variables).map(({ level }) => level)).toEqual(expected);
  });
});
