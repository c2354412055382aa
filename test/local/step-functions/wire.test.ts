import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  GetExecutionHistoryCommand,
  InvalidArn,
  InvalidExecutionInput,
  InvalidName,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
  RedriveExecutionCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StateMachineDoesNotExist,
  StopExecutionCommand,
  TaskTimedOut,
} from "@aws-sdk/client-sfn";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cleanUp, definition, machineArn, outcomeOf, type Runner, startRunner, task } from "./machine-runner.ts";

const machines = {
  quick: definition({ A: { Type: "Succeed", Output: { got: "{% $states.input %}" } } }),
  hanging: definition({ A: task("Hang") }),
  asking: definition({
    Ask: {
      ...{ Type: "Task", Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken", End: true },
      Arguments: { FunctionName: "Ask", Payload: { token: "{% $states.context.Task.Token %}" } },
    },
  }),
};

let runner: Runner;
let server: Server;
let client: SFNClient;

beforeEach(async () => {
  runner = startRunner(machines, { functions: { Hang: () => new Promise(() => {}), Ask: () => 1 } });
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const answer = await runner.service.handle({
      ...{ service: "states", method: "POST", path: "/", query: new URLSearchParams(), headers: request.headers },
      ...{
        action: String(request.headers["x-amz-target"]).split(".")[1] ?? null,
        body: Buffer.concat(chunks),
        principal: { role_arn: null, access_key_id: "root" },
      },
    });
    response.writeHead(answer.status, answer.headers).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  client = new SFNClient({
    region: "us-east-1",
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    maxAttempts: 1,
  });
});

afterEach(async () => {
  client.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await cleanUp();
});

const start = (machine: string, name?: string, input?: string) =>
  client.send(new StartExecutionCommand({ stateMachineArn: machineArn(machine), name, input }));

describe("StartExecution and DescribeExecution", () => {
  test("by name, with input as text and times as dates", async () => {
    const started = await start("quick", "first", '{ "a" : 1 }');
    expect(started.executionArn).toBe("arn:aws:states:us-east-1:000000000000:execution:quick:first");
    expect(started.startDate).toEqual(new Date(Date.UTC(2026, 0, 1)));
    await outcomeOf(runner, started.executionArn ?? "");
    const described = await client.send(new DescribeExecutionCommand({ executionArn: started.executionArn }));
    expect(described).toMatchObject({
      ...{ executionArn: started.executionArn, stateMachineArn: machineArn("quick"), name: "first", status: "SUCCEEDED" },
      ...{
        startDate: started.startDate,
        stopDate: started.startDate,
        input: '{ "a" : 1 }',
        output: '{"got":{"a":1}}',
        inputDetails: { included: true },
      },
    });
    expect(described.error).toBeUndefined();
  });

  test("without a name or an input", async () => {
    const { executionArn = "" } = await start("quick");
    expect(executionArn).toMatch(/execution:quick:[0-9a-f-]{36}$/);
    expect(await outcomeOf(runner, executionArn)).toMatchObject({ output: { got: {} } });
  });

  test("the same name and input while running is the same execution", async () => {
    const first = await start("hanging", "one", '{"n":1}');
    const second = await start("hanging", "one", '{"n":1}');
    expect(second).toMatchObject({ executionArn: first.executionArn, startDate: first.startDate });
    await expect.poll(() => runner.calls.Hang).toHaveLength(1);
  });

  test("another input, or an execution that has ended, is ExecutionAlreadyExists", async () => {
    await start("hanging", "one", '{"n":1}');
    await expect(start("hanging", "one", '{"n":2}')).rejects.toThrow(ExecutionAlreadyExists);
    const { executionArn } = await start("quick", "two");
    await outcomeOf(runner, executionArn ?? "");
    await expect(start("quick", "two")).rejects.toThrow(ExecutionAlreadyExists);
  });

  test.each(["with space", "a/b", "a:b", "a*", "a#b", "x".repeat(81), "tab\t"])("the name %j is InvalidName", async (name) => {
    await expect(start("quick", name)).rejects.toThrow(InvalidName);
  });
  test.each(["a-b_c.d@e+f=g(h)!", "x".repeat(80), "0123456789"])("the name %j is fine", async (name) => {
    await expect(start("quick", name)).resolves.toMatchObject({ executionArn: expect.stringContaining(name) });
  });

  test("input that is no JSON, or too large", async () => {
    await expect(start("quick", "a", "not json")).rejects.toThrow(InvalidExecutionInput);
    await expect(start("quick", "b", JSON.stringify("x".repeat(262_144)))).rejects.toThrow(InvalidExecutionInput);
  });

  test("what does not exist", async () => {
    await expect(start("nobody")).rejects.toThrow(StateMachineDoesNotExist);
    await expect(client.send(new StartExecutionCommand({ stateMachineArn: "nonsense" }))).rejects.toThrow(InvalidArn);
    const executionArn = "arn:aws:states:us-east-1:000000000000:execution:quick:nobody";
    await expect(client.send(new DescribeExecutionCommand({ executionArn }))).rejects.toThrow(ExecutionDoesNotExist);
    await expect(client.send(new StopExecutionCommand({ executionArn }))).rejects.toThrow(ExecutionDoesNotExist);
    await expect(client.send(new GetExecutionHistoryCommand({ executionArn }))).rejects.toThrow(ExecutionDoesNotExist);
    await expect(client.send(new DescribeExecutionCommand({ executionArn: "nonsense" }))).rejects.toThrow(InvalidArn);
  });
});

describe("StopExecution", () => {
  test("aborts with error and cause, and a second one changes nothing", async () => {
    const { executionArn } = await start("hanging", "one");
    const stopped = await client.send(new StopExecutionCommand({ executionArn, error: "Superseded", cause: "a newer one" }));
    expect(stopped.stopDate).toBeInstanceOf(Date);
    await client.send(new StopExecutionCommand({ executionArn, error: "Other" }));
    const described = await client.send(new DescribeExecutionCommand({ executionArn }));
    expect(described).toMatchObject({ status: "ABORTED", error: "Superseded", cause: "a newer one", stopDate: stopped.stopDate });
    const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 1 }));
    expect(events).toMatchObject([
      { type: "ExecutionAborted", executionAbortedEventDetails: { error: "Superseded", cause: "a newer one" } },
    ]);
  });
});

describe("lists", () => {
  test("executions, newest first, by status and page by page", async () => {
    for (const name of ["a", "b", "c"]) await outcomeOf(runner, (await start("quick", name)).executionArn ?? "");
    const names: (string | undefined)[][] = [];
    for await (const page of paginateListExecutions(
      { client, pageSize: 2 },
      { stateMachineArn: machineArn("quick"), statusFilter: "SUCCEEDED" },
    ))
      names.push((page.executions ?? []).map((execution) => execution.name));
    expect(names).toEqual([["c", "b"], ["a"]]);
    expect(
      (await client.send(new ListExecutionsCommand({ stateMachineArn: machineArn("quick"), statusFilter: "RUNNING" }))).executions,
    ).toEqual([]);
  });

  test("history page by page, forwards and backwards, with and without data", async () => {
    const { executionArn = "" } = await start("quick", "a", '{"secret":1}');
    await outcomeOf(runner, executionArn);
    const ids: (number | undefined)[] = [];
    for await (const page of paginateGetExecutionHistory({ client, pageSize: 3 }, { executionArn, reverseOrder: true }))
      ids.push(...(page.events ?? []).map((event) => event.id));
    expect(ids).toEqual([4, 3, 2, 1]);
    const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn, includeExecutionData: false }));
    expect(JSON.stringify(events)).not.toContain("secret");
    expect(events?.[1]).toMatchObject({ type: "SucceedStateEntered", stateEnteredEventDetails: { name: "A" } });
  });

  test("state machines and their definitions", async () => {
    const { stateMachines } = await client.send(new ListStateMachinesCommand({}));
    expect(stateMachines?.map((machine) => machine.name)).toEqual(["asking", "hanging", "quick"]);
    const described = await client.send(new DescribeStateMachineCommand({ stateMachineArn: machineArn("quick") }));
    expect(described).toMatchObject({ name: "quick", status: "ACTIVE", type: "STANDARD" });
    expect(JSON.parse(described.definition ?? "")).toEqual(machines.quick);
    const { executionArn } = await start("quick");
    const forExecution = await client.send(new DescribeStateMachineForExecutionCommand({ executionArn }));
    expect(JSON.parse(forExecution.definition ?? "")).toEqual(machines.quick);
    expect(forExecution.updateDate?.getTime()).toBe(described.creationDate?.getTime());
  });

  test("without data where only the rest is asked for", async () => {
    const includedData = "METADATA_ONLY";
    const { executionArn = "" } = await start("quick", "a", '{"secret":1}');
    await outcomeOf(runner, executionArn);
    const execution = await client.send(new DescribeExecutionCommand({ executionArn, includedData }));
    expect(execution).toMatchObject({ status: "SUCCEEDED", inputDetails: { included: false }, outputDetails: { included: false } });
    expect(JSON.stringify(execution)).not.toContain("secret");
    const machine = await client.send(new DescribeStateMachineCommand({ stateMachineArn: machineArn("quick"), includedData }));
    expect(machine).not.toHaveProperty("definition");
    const redriven = await client.send(new ListExecutionsCommand({ stateMachineArn: machineArn("quick"), redriveFilter: "REDRIVEN" }));
    expect(redriven.executions).toEqual([]);
  });
});

test("a task token is answered over the wire", async () => {
  const { executionArn = "" } = await start("asking");
  await expect.poll(() => runner.calls.Ask).toHaveLength(1);
  const [{ token: taskToken }] = runner.calls.Ask as [{ token: string }];
  await client.send(new SendTaskSuccessCommand({ taskToken, output: '"yes"' }));
  expect(await outcomeOf(runner, executionArn)).toMatchObject({ status: "SUCCEEDED", output: "yes" });
  await expect(client.send(new SendTaskSuccessCommand({ taskToken, output: '"no"' }))).rejects.toThrow(TaskTimedOut);
});

test("what is not available says so", async () => {
  const executionArn = "arn:aws:states:us-east-1:000000000000:execution:quick:a";
  await expect(client.send(new RedriveExecutionCommand({ executionArn }))).rejects.toThrow("RedriveExecution is not available locally");
});

test("listeners are told of every status in order", async () => {
  const { executionArn = "" } = await start("quick", "a", "7");
  await outcomeOf(runner, executionArn);
  await expect.poll(() => runner.changes.map((change) => change.status)).toEqual(["RUNNING", "SUCCEEDED"]);
  expect(runner.changes[1]).toEqual({
    ...{ executionArn, stateMachineArn: machineArn("quick"), name: "a", status: "SUCCEEDED" },
    ...{ startDate: Date.UTC(2026, 0, 1), stopDate: Date.UTC(2026, 0, 1), input: "7", inputDetails: { included: true } },
    ...{ output: '{"got":7}', outputDetails: { included: true }, error: null, cause: null },
  });
});
