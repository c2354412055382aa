import { executionArnOf, isMachineArn } from "./arn.ts";
import type { Machine } from "./definition.ts";
import type { Interpreter } from "./interpreter.ts";
import { PAYLOAD_LIMIT } from "./limits.ts";
import type { Execution } from "./store.ts";

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
export function startNamed(
  interpreter: Interpreter,
  machineArn: string,
  given: { name: string | null; input: string; parent?: { arn: string; path: string } },
): Execution {
  const machine = machineOf(interpreter, machineArn);
  const { name } = given;
  if (name !== null && (name.length < 1 || name.length > 80 || refusedInNames.test(name)))
    throw new ServiceError(
      "InvalidName",
      `Invalid Name: '${name}' (1 to 80 characters, none of white space, brackets, wildcards or " # % \\ ^ | ~ \` $ & , ; : /)`,
    );
  refuseInput(given.input);
  return interpreter.store.transaction(() => {
    const known = name === null ? undefined : interpreter.store.execution(executionArnOf(machineArn, name));
    if (known === undefined) return interpreter.begin(machine, given);
    if (known.status === "RUNNING" && known.input === given.input) return known;
    throw new ServiceError("ExecutionAlreadyExists", `Execution Already Exists: '${known.arn}'`);
  });
}

export function machineOf(interpreter: Interpreter, arn: string): Machine {
  if (!isMachineArn(arn)) throw new ServiceError("InvalidArn", `Invalid Arn: '${arn}'`);
  const machine = interpreter.machine(arn);
  if (machine === undefined) throw new ServiceError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
  return machine;
}

function refuseInput(input: string): void {
  if (Buffer.byteLength(input) > PAYLOAD_LIMIT)
    throw new ServiceError(
      "InvalidExecutionInput",
      `Invalid State Machine Execution Input: it has ${Buffer.byteLength(input)} bytes, at most ${PAYLOAD_LIMIT} are allowed`,
    );
  try {
    JSON.parse(input);
  } catch (error) {
    throw new ServiceError("InvalidExecutionInput", `Invalid State Machine Execution Input: '${(error as Error).message}'`);
  }
}
