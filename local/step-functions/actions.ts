import { isExecutionArn } from "./arn.ts";
import type { JsonObject } from "./definition.ts";
import type { Interpreter } from "./interpreter.ts";
import { PAYLOAD_LIMIT } from "./limits.ts";
import type { Execution, StoredEvent, TaskToken } from "./records.ts";
import { anyTextOf, failureOf, pageOf, type Request, statusOf, textOf } from "./requests.ts";
import { invalidArn, machineOf, ServiceError, startNamed } from "./start-named.ts";

type Action = (interpreter: Interpreter, request: Request) => JsonObject;

/** The service's actions by name. */
export const actions: Record<string, Action> = {
  StartExecution(interpreter, request) {
    const name = request.name === undefined || request.name === null ? null : textOf(request, "name");
    const input = request.input === undefined || request.input === null ? "{}" : anyTextOf(request, "input");
    const execution = startNamed(interpreter, textOf(request, "stateMachineArn"), { name, input });
    return { executionArn: execution.arn, startDate: seconds(execution.started_at) };
  },

  DescribeExecution(interpreter, request) {
    const execution = executionOf(interpreter, request);
    const included = includesData(request);
    return defined({
      ...summary(execution),
      input: included ? execution.input : null,
      inputDetails: { included },
      output: included ? execution.output : null,
      outputDetails: execution.output === null ? null : { included },
      error: execution.error,
      cause: execution.cause,
      redriveStatus: "NOT_REDRIVABLE",
      redriveStatusReason: ["RUNNING", "SUCCEEDED"].includes(execution.status)
        ? `Execution is ${execution.status} and cannot be redriven`
        : "RedriveExecution is not available locally",
    });
  },

  StopExecution(interpreter, request) {
    const { error, cause } = failureOf(request);
    const { arn } = executionOf(interpreter, request);
    interpreter.abort(arn, error, cause);
    return { stopDate: seconds(interpreter.store.execution(arn)?.stopped_at ?? 0) };
  },

  ListExecutions(interpreter, request) {
    const machine = machineOf(interpreter, textOf(request, "stateMachineArn"));
    const status = statusOf(request);
    // Nothing is redriven here.
    const none = request.redriveFilter === "REDRIVEN";
    const page = pageOf(request, (offset, count) => (none ? [] : interpreter.store.executionsOf(machine.arn, status, offset, count)));
    return defined({ executions: page.items.map((execution) => summary(execution)), nextToken: page.nextToken });
  },

  GetExecutionHistory(interpreter, request) {
    const { arn } = executionOf(interpreter, request);
    const page = pageOf(request, (offset, count) => interpreter.store.events(arn, request.reverseOrder === true, offset, count));
    const events = page.items.map((event) => historyEvent(event, request.includeExecutionData !== false));
    return defined({ events, nextToken: page.nextToken });
  },

  DescribeStateMachine(interpreter, request) {
    const machine = machineOf(interpreter, textOf(request, "stateMachineArn"));
    return {
      ...{
        stateMachineArn: machine.arn,
        name: machine.name,
        status: "ACTIVE",
        type: "STANDARD",
        roleArn: machine.roleArn,
        creationDate: startedAt,
      },
      ...(includesData(request) && { definition: JSON.stringify(machine.definition) }),
      ...uniform,
    };
  },

  DescribeStateMachineForExecution(interpreter, request) {
    const execution = executionOf(interpreter, request);
    const definition = JSON.stringify(interpreter.store.definition(execution.definition_hash));
    return {
      stateMachineArn: execution.machine_arn,
      name: execution.machine_name,
      roleArn: execution.role_arn,
      ...(includesData(request) && { definition }),
      updateDate: startedAt,
      ...uniform,
    };
  },

  ListStateMachines(interpreter, request) {
    const machines = interpreter.options.machines.toSorted((one, other) => (one.name < other.name ? -1 : 1));
    const page = pageOf(request, (offset, count) => machines.slice(offset, offset + count));
    const stateMachines = page.items.map(({ arn, name }) => ({ stateMachineArn: arn, name, type: "STANDARD", creationDate: startedAt }));
    return defined({ stateMachines, nextToken: page.nextToken });
  },

  SendTaskSuccess(interpreter, request) {
    const token = openToken(interpreter, request);
    const output = textOf(request, "output");
    if (Buffer.byteLength(output) > PAYLOAD_LIMIT)
      throw new ServiceError("InvalidOutput", `The output has more than ${PAYLOAD_LIMIT} bytes`);
    return settle(interpreter, token, { output: parsed(output) });
  },

  SendTaskFailure(interpreter, request) {
    const failure = failureOf(request);
    return settle(interpreter, openToken(interpreter, request), failure);
  },

  SendTaskHeartbeat(interpreter, request) {
    const { token } = openToken(interpreter, request);
    interpreter.store.changeToken(token, { heartbeat_at: interpreter.options.clock.now() });
    interpreter.wakeToken(token);
    return {};
  },
};

const uniform = { loggingConfiguration: { level: "OFF", includeExecutionData: false }, tracingConfiguration: { enabled: false } };
/** When the local system made its machines of the template. */
const startedAt = Date.now() / 1000;
const seconds = (milliseconds: number): number => milliseconds / 1000;

const includesData = ({ includedData }: Request): boolean => includedData !== "METADATA_ONLY";

const summary = (execution: Execution): JsonObject =>
  defined({
    ...{ executionArn: execution.arn, stateMachineArn: execution.machine_arn, name: execution.name, status: execution.status },
    ...{ startDate: seconds(execution.started_at), stopDate: execution.stopped_at === null ? null : seconds(execution.stopped_at) },
    redriveCount: 0,
  });

function historyEvent(event: StoredEvent, withData: boolean): JsonObject {
  const { id, previous_id: previousEventId, timestamp, type, details } = event;
  const shown = withData
    ? details
    : Object.fromEntries(Object.entries(details).map(([name, part]) => [name, withoutData(part as JsonObject)]));
  return { timestamp: seconds(timestamp), type, id, previousEventId, ...shown };
}

function withoutData(details: JsonObject): JsonObject {
  const { input, output, parameters, assignedVariables, ...rest } = details;
  return rest;
}

function executionOf(interpreter: Interpreter, request: Request): Execution {
  const arn = textOf(request, "executionArn");
  if (!isExecutionArn(arn)) throw invalidArn(arn);
  const execution = interpreter.store.execution(arn);
  if (execution === undefined) throw new ServiceError("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
  return execution;
}

/** A token counts while its task waits for it and once only. */
function openToken(interpreter: Interpreter, request: Request): TaskToken {
  const token = interpreter.store.token(textOf(request, "taskToken"));
  if (token === undefined) throw new ServiceError("InvalidToken", "Invalid Token: 'Invalid token'");
  const { pending } = interpreter.store.scope(token.arn, token.path) ?? {};
  const waiting = pending?.kind === "task" && pending.token === token.token && token.result === null;
  if (!waiting) throw new ServiceError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'");
  return token;
}

function settle(interpreter: Interpreter, { token }: TaskToken, result: NonNullable<TaskToken["result"]>): JsonObject {
  interpreter.store.changeToken(token, { result });
  interpreter.wakeToken(token);
  return {};
}

function parsed(output: string) {
  try {
    return JSON.parse(output);
  } catch (error) {
    throw new ServiceError("InvalidOutput", `Invalid Output: '${(error as Error).message}'`);
  }
}

const defined = (members: Record<string, unknown>): JsonObject =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null)) as JsonObject;
