import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { FunctionConfiguration } from "../../../local/functions/configuration.ts";
import { DeployedFunction } from "../../../local/functions/deployed-function.ts";

const running: DeployedFunction[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((deployed) => deployed.stop()));
});

function deploy(changes: Partial<FunctionConfiguration> = {}) {
  const lines: { stream: string; line: string }[] = [];
  const configuration: FunctionConfiguration = {
    ...{ name: "App-Reader", title: "Reader", arn: "arn:aws:lambda:us-east-1:000000000000:function:App-Reader", role_arn: "arn:role" },
    runtime: "nodejs24.x",
    ...{ file: join(import.meta.dirname, "bundles/handlers.mjs"), handler: "handler", environment: {}, log_group: "/g" },
    ...{ timeout_seconds: 10, memory_mb: 128, reserved_executions: null },
    ...changes,
  };
  const variables = { SETTING: "orders", AWS_LAMBDA_FUNCTION_NAME: configuration.name };
  const deployed = new DeployedFunction(configuration, variables, (stream, given) =>
    lines.push(...given.map((line) => ({ stream, line }))),
  );
  running.push(deployed);
  return { deployed, lines };
}

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
const payload = async (result: Promise<{ payload: unknown }>): Promise<any> => (await result).payload;

describe("a function in a worker thread", () => {
  it("sees its own settings and nothing of this process, and a context as Lambda's", async () => {
    const { deployed } = deploy();
    const result = await deployed.invoke({});
    expect(result.function_error).toBeNull();
    expect(result.payload).toMatchObject({
      environment: { SETTING: "orders", AWS_LAMBDA_FUNCTION_NAME: "App-Reader" },
      arn: "arn:aws:lambda:us-east-1:000000000000:function:App-Reader",
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const { environment, remaining } = result.payload as { environment: object; remaining: number };
    expect(environment).not.toHaveProperty("HOME");
    expect(remaining).toBeGreaterThan(5000);
    expect(remaining).toBeLessThanOrEqual(10_000);
    expect(result.payload).not.toHaveProperty("nothing");
  });

  it("reuses an environment with what is in its memory, one event at a time", async () => {
    const { deployed } = deploy();
    const first = await payload(deployed.invoke({ mark: "kept" }));
    const second = await payload(deployed.invoke({}));
    expect(second).toMatchObject({ calls: 2, stream: first.stream, environment: { MARK: "kept" } });
    expect(process.env.MARK).toBeUndefined();
  });

  it("gets more environments under concurrency", async () => {
    const { deployed } = deploy();
    const answers = await Promise.all([1, 2, 3].map(() => payload(deployed.invoke({ wait_ms: 300 }))));
    expect(new Set(answers.map(({ stream }) => stream)).size).toBeGreaterThan(1);
  });

  it("is refused beyond its reserved executions", async () => {
    const { deployed } = deploy({ reserved_executions: 1 });
    const first = deployed.invoke({ wait_ms: 200 });
    await expect(deployed.invoke({})).rejects.toMatchObject({ code: "TooManyRequestsException", status: 429 });
    expect(await first).toMatchObject({ function_error: null });
    expect(await deployed.invoke({})).toMatchObject({ function_error: null });
  });

  it("is ended when its time is over, even in an endless loop, and the next event gets a new environment", async () => {
    const { deployed } = deploy({ timeout_seconds: 0.3 });
    expect(await deployed.invoke({ forever: true })).toEqual({
      function_error: "Unhandled",
      payload: {
        errorType: "Sandbox.Timedout",
        errorMessage: expect.stringMatching(/^RequestId: [0-9a-f-]{36} Error: Task timed out after 0\.30 seconds$/),
      },
    });
    expect(await payload(deployed.invoke({}))).toMatchObject({ calls: 1 });
  });

  it("tells where an error came from without the text of what runs functions", async () => {
    const { trace } = (await payload(deploy().deployed.invoke({ throw: "StaleEpoch", message: "m" }))) as { trace: string[] };
    expect(trace.join("\n")).toMatch(/handlers\.mjs:\d+:\d+.*runtime:\d+:\d+/s);
    expect(trace.join("\n")).not.toContain("data:");
  });

  it.each([
    [
      "a named error",
      { throw: "StaleEpoch", message: "epoch 3 is older than 4" },
      {
        errorType: "StaleEpoch",
        errorMessage: "epoch 3 is older than 4",
        trace: expect.arrayContaining([expect.stringContaining("StaleEpoch: epoch 3")]),
      },
    ],
    ["a thrown text", { throw_text: "no" }, { errorType: "string", errorMessage: "no", trace: [] }],
    ["an exit", { exit: 3 }, { errorType: "Runtime.ExitError", errorMessage: expect.stringContaining("exit status 3") }],
    [
      "a rejection that nobody handles",
      { reject: true },
      { errorType: "Runtime.UnhandledPromiseRejection", errorMessage: "Error: nobody listens" },
    ],
  ])("reports %s as Lambda does, and goes on", async (_name, event, error) => {
    const { deployed } = deploy();
    expect(await deployed.invoke(event)).toMatchObject({ function_error: "Unhandled", payload: error });
    expect(await deployed.invoke({})).toMatchObject({ function_error: null });
  });

  it("is ended when it uses more memory than it has, and takes nothing else with it", async () => {
    const { deployed } = deploy({ memory_mb: 32 });
    expect(await deployed.invoke({ grow: true })).toMatchObject({
      function_error: "Unhandled",
      payload: { errorType: "Runtime.OutOfMemory" },
    });
    expect(await deployed.invoke({})).toMatchObject({ function_error: null });
  }, 20_000);

  it.each([
    [
      "a bundle that cannot be imported",
      { file: join(import.meta.dirname, "bundles/broken.mjs") },
      { errorType: "TypeError", errorMessage: "cannot be imported" },
    ],
    ["a handler that is not there", { handler: "missing" }, { errorType: "Runtime.HandlerNotFound" }],
    ["an answer that is too large", { handler: "large" }, { errorType: "Function.ResponseSizeTooLarge" }],
  ])("reports %s", async (_name, changes, error) => {
    const { deployed } = deploy(changes);
    expect(await deployed.invoke({})).toMatchObject({ function_error: "Unhandled", payload: error });
    expect(await deployed.invoke({})).toMatchObject({ function_error: "Unhandled", payload: error });
  });

  it("logs what is printed, the end of each event and its error, to the stream of the environment", async () => {
    const { deployed, lines } = deploy();
    const { stream } = await payload(deployed.invoke({ print: "two\nlines" }));
    await deployed.invoke({ throw: "Refused" });
    await expect
      .poll(() => lines.map(({ line }) => line))
      .toEqual(expect.arrayContaining(["two", "lines", "Refused: refused", expect.stringMatching(/^END RequestId: /)]));
    expect(new Set(lines.map((entry) => entry.stream))).toEqual(new Set([stream]));
  });
});
