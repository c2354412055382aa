import { afterEach, expect, test } from "vitest";
import { cleanUp, definition, machineArn, startRunner } from "./machine-runner.ts";

afterEach(cleanUp);

const stateMachineArn = machineArn("machine");
const executionArn = "arn:aws:states:us-east-1:000000000000:execution:machine:nobody";

/** As the service answers them. */
const refused: [string, string, object, string, string][] = [
  ["an ARN that is none", "DescribeExecution", { executionArn: "x" }, "InvalidArn", "Invalid Arn: 'Invalid ARN prefix: x'"],
  ["the same of a machine", "ListExecutions", { stateMachineArn: "x" }, "InvalidArn", "Invalid Arn: 'Invalid ARN prefix: x'"],
  ["nobody's ARN", "GetExecutionHistory", { executionArn }, "ExecutionDoesNotExist", `Execution Does Not Exist: '${executionArn}'`],
  [
    "an empty input",
    "StartExecution",
    { stateMachineArn, input: "" },
    "InvalidExecutionInput",
    "Invalid State Machine Execution Input: 'Invalid execution input.'",
  ],
  [
    "a page that is too long",
    "ListExecutions",
    { stateMachineArn, maxResults: 1001 },
    "ValidationException",
    "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000",
  ],
  [
    "a status that does not exist",
    "ListExecutions",
    { stateMachineArn, statusFilter: "succeeded" },
    "ValidationException",
    "1 validation error detected: Value 'succeeded' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]",
  ],
  [
    "a cause that is too long",
    "SendTaskFailure",
    { taskToken: "t", cause: "x".repeat(32_769) },
    "ValidationException",
    `1 validation error detected: Value '${"x".repeat(40)}…' at 'cause' failed to satisfy constraint: Member must have length less than or equal to 32768`,
  ],
  ["a page token of somebody else's", "ListStateMachines", { nextToken: "dG9rZW4" }, "InvalidToken", "Invalid Token: 'Invalid token'"],
  [
    "a missing member",
    "SendTaskHeartbeat",
    {},
    "ValidationException",
    "1 validation error detected: Value null at 'taskToken' failed to satisfy constraint: Member must not be null",
  ],
  ["a member of another type", "DescribeExecution", { executionArn: 7 }, "SerializationException", "executionArn must be a text, got 7"],
];

test("an execution that has failed says that it cannot be redriven here", async () => {
  const runner = startRunner({ machine: definition({ A: { Type: "Fail" } }) });
  const { arn } = await runner.run();
  expect((await runner.send("DescribeExecution", { executionArn: arn })).body).toMatchObject({
    redriveStatus: "NOT_REDRIVABLE",
    redriveStatusReason: "RedriveExecution is not available locally",
  });
});

test.each(refused)("refuses %s", async (_name, action, request, code, message) => {
  const runner = startRunner({ machine: definition({ A: { Type: "Succeed" } }) });
  expect(await runner.send(action, request)).toEqual({ status: 400, body: { __type: code, message } });
});
