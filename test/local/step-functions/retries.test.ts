import { afterEach, describe, expect, test } from "vitest";
import {
  cleanUp,
  definition,
  end,
  failing,
  failingTimes,
  graph,
  type LocalFunction,
  never,
  pass,
  startRunner,
  task,
} from "./machine-runner.ts";

afterEach(cleanUp);

describe("Retry", () => {
  const retrying = (...retry: object[]) => ({ A: task("Work", { Retry: retry }) });

  test("waits IntervalSeconds grown by BackoffRate, and counts every try as a transition", async () => {
    const runner = startRunner(
      { machine: definition(retrying({ ErrorEquals: ["Busy"], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 4 })) },
      { functions: { Work: failingTimes(3) } },
    );
    const outcome = await runner.run();
    expect(outcome).toMatchObject({ status: "SUCCEEDED", output: "done at call 4", milliseconds: 2000 + 6000 + 18_000, transitions: 4 });
    const attempt = ["TaskScheduled", "TaskStarted"];
    const failed = [...attempt, "TaskFailed"];
    expect(outcome.events).toEqual([
      "ExecutionStarted",
      "TaskStateEntered",
      ...failed,
      ...failed,
      ...failed,
      ...attempt,
      "TaskSucceeded",
      "TaskStateExited",
      "ExecutionSucceeded",
    ]);
  });

  test("has defaults: 1 s, rate 2, 3 attempts", async () => {
    const outcome = await startRunner(
      { machine: definition(retrying({ ErrorEquals: ["States.ALL"] })) },
      { functions: { Work: failingTimes(9) } },
    ).run();
    expect(outcome).toMatchObject({ status: "FAILED", error: "Busy", milliseconds: 1000 + 2000 + 4000, transitions: 4 });
  });

  test("MaxDelaySeconds caps the delay, and full jitter takes a random part of it", async () => {
    const retry = {
      ErrorEquals: ["Busy"],
      IntervalSeconds: 10,
      BackoffRate: 10,
      MaxDelaySeconds: 20,
      MaxAttempts: 2,
      JitterStrategy: "FULL",
    };
    const outcome = await startRunner(
      { machine: definition(retrying(retry)) },
      { functions: { Work: failingTimes(2) }, random: () => 0.25 },
    ).run();
    expect(outcome).toMatchObject({ status: "SUCCEEDED", milliseconds: 2500 + 5000 });
  });

  test("MaxAttempts 0 keeps a later retrier from trying", async () => {
    const outcome = await startRunner(
      { machine: definition(retrying({ ErrorEquals: ["Busy"], MaxAttempts: 0 }, { ErrorEquals: ["States.ALL"] })) },
      { functions: { Work: failingTimes(1) } },
    ).run();
    expect(outcome).toMatchObject({ status: "FAILED", transitions: 1 });
  });

  test("each retrier counts its own attempts, RetryCount counts all", async () => {
    const errors = ["Busy", "Gone", "Busy", "Gone"];
    const runner = startRunner(
      {
        machine: definition({
          A: task("Work", {
            Arguments: { FunctionName: "Work", Payload: "{% $states.context.State.RetryCount %}" },
            Retry: [
              { ErrorEquals: ["Busy"], MaxAttempts: 2, IntervalSeconds: 1 },
              { ErrorEquals: ["Gone"], MaxAttempts: 1, IntervalSeconds: 10 },
            ],
          }),
        }),
      },
      {
        functions: {
          Work: (_payload, call) => {
            throw failing(errors[call - 1] ?? "Other");
          },
        },
      },
    );
    expect(await runner.run()).toMatchObject({ status: "FAILED", error: "Gone", milliseconds: 1000 + 10_000 + 2000 });
    expect(runner.calls.Work).toEqual([0, 1, 2, 3]);
  });

  test("counts begin anew when the state is entered again", async () => {
    const states = {
      A: task("Work", {
        Retry: [{ ErrorEquals: ["Busy"], MaxAttempts: 1 }],
        Assign: { rounds: "{% ($exists($rounds) ? $rounds : 0) + 1 %}" },
        Next: "Again",
      }),
      Again: { Type: "Choice", Choices: [{ Condition: "{% $rounds < 3 %}", Next: "A" }], Default: "Done" },
      Done: pass({ Output: "{% $rounds %}" }),
    };
    const Work: LocalFunction = (_payload, call) => {
      if (call % 2 === 1) throw failing("Busy");
    };
    expect(await startRunner({ machine: definition(states) }, { functions: { Work } }).run()).toMatchObject({
      status: "SUCCEEDED",
      output: 3,
    });
  });

  test("a timeout is tried again", async () => {
    const Work: LocalFunction = (_payload, call) => (call === 1 ? never() : "second");
    const outcome = await startRunner(
      { machine: definition({ A: task("Work", { TimeoutSeconds: 7, Retry: [{ ErrorEquals: ["States.Timeout"] }] }) }) },
      { functions: { Work } },
    ).run();
    expect(outcome).toMatchObject({ output: "second", milliseconds: 8000 });
    expect(outcome.events).toContain("TaskTimedOut");
  });

  test("a Map is tried again from its first item", async () => {
    const Work: LocalFunction = (item, call) => {
      if (call === 2) throw failing("Busy");
      return item;
    };
    const states = {
      Each: { Type: "Map", MaxConcurrency: 1, ItemProcessor: graph({ One: task("Work") }), Retry: [{ ErrorEquals: ["Busy"] }], ...end },
    };
    const runner = startRunner({ machine: definition(states) }, { functions: { Work } });
    const outcome = await runner.run([1, 2]);
    expect(outcome).toMatchObject({ output: [1, 2], transitions: 1 + 2 + 1 + 2 });
    expect(runner.calls.Work).toEqual([1, 2, 1, 2]);
    expect(outcome.events.filter((type) => type.startsWith("MapState"))).toEqual([
      "MapStateEntered",
      "MapStateStarted",
      "MapStateStarted",
      "MapStateSucceeded",
      "MapStateExited",
    ]);
  });
});
