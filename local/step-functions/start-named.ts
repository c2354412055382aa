import { executionArnOf, isMachineArn } from "./arn.ts";
import type { Machine } from "./definition.ts";
import type { Host, NewExecution } from "./host.ts";
import { PAYLOAD_LIMIT } from "./limits.ts";
import type { Execution } from "./records.ts";

/** An error of the service's API by its `__type`. */
export class ServiceError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = code;
    this.code = code;
  }
}

/** White space, brackets, wildcards, special and control characters are not allowed. */
const refusedInNames = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]/u;

/**
 * StartExecution. The same name with the same input while it runs is the same execution; any other use of a name that was
 * used before is ExecutionAlreadyExists.
 */
export function startNamed(host: Host, machineArn: string, given: NewExecution): Execution {
  const machine = machineOf(host, machineArn);
  const { name } = given;
  if (name !== null && (name.length < 1 || name.length > 80 || refusedInNames.test(name)))
    throw new ServiceError(
      "InvalidName",
      `Invalid Name: '${name}' (1 to 80 characters, none of white space, brackets, wildcards or " # % \\ ^ | ~ \` $ & , ; : /)`,
    );
  refuseInput(given.input);
  return host.store.transaction(() => {
    const known = name === null ? undefined : host.store.execution(executionArnOf(machineArn, name));
    if (known === undefined) return host.begin(machine, given);
    if (known.status === "RUNNING" && known.input === given.input) return known;
    throw new ServiceError("ExecutionAlreadyExists", `Execution Already Exists: '${known.arn}'`);
  });
}

export const invalidArn = (arn: string): ServiceError =>
  new ServiceError("InvalidArn", `Invalid Arn: '${arn.startsWith("arn:") ? arn : `Invalid ARN prefix: ${arn}`}'`);

export function machineOf(host: Host, arn: string): Machine {
  if (!isMachineArn(arn)) throw invalidArn(arn);
  const machine = host.machine(arn);
  if (machine === undefined) throw new ServiceError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
  return machine;
}

function refuseInput(input: string): void {
  if (Buffer.byteLength(input) > PAYLOAD_LIMIT)
    throw new ServiceError(
      "InvalidExecutionInput",
      `Invalid State Machine Execution Input: it has ${Buffer.byteLength(input)} bytes, at most ${PAYLOAD_LIMIT} are allowed`,
    );
  if (input === "") throw new ServiceError("InvalidExecutionInput", "Invalid State Machine Execution Input: 'Invalid execution input.'");
  try {
    JSON.parse(input);
  } catch (error) {
    throw new ServiceError("InvalidExecutionInput", `Invalid State Machine Execution Input: '${(error as Error).message}'`);
  }
}
