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

test.each(refused)("refuses %s", async (_name, action, request, code, message) => {
  const runner = startRunner({ machine: definition({ A: { Type: "Succeed" } }) });
  expect(await runner.send(action, request)).toEqual({ status: 400, body: { __type: code, message } });
});
