import { Problem } from "../../domain/errors.ts";
import type { Operation } from "../../domain/operation.ts";
import { type Caller, maySee } from "./caller.ts";
import type { Reading } from "./installation.ts";

/** An operation by its id. With `seconds` the answer is held until it has ended or the time is up. */
export async function getOperation(ports: Reading, caller: Caller, id: string, seconds = 0): Promise<Operation> {
  const operation = await ports.record.operation(id);
  if (!operation || !maySee(caller, operation.group)) throw noOperation(id);
  return waitForEnd(ports, operation, seconds);
}

const firstPause = 250;
const longestPause = 2_000;

/** The operation as it is when it has ended, or after `seconds`. Asks at growing intervals, so that waiting stays cheap. */
export async function waitForEnd({ record, clock }: Reading, operation: Operation, seconds: number): Promise<Operation> {
  const until = clock.now() + seconds * 1000;
  let latest = operation;
  for (let pause = firstPause; latest.outcome === null && clock.now() < until; pause = Math.min(pause * 1.5, longestPause)) {
    await clock.sleep(Math.min(pause, until - clock.now()));
    latest = (await record.operation(operation.id)) ?? latest;
  }
  return latest;
}

const noOperation = (id: string) =>
  new Problem(
    "not-found",
    `there is no operation ${id}, or you may not see it. GET /v1/deployments/{id}/operations lists those of a deployment`,
  );
