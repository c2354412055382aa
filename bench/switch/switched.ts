import type { RunningSystem } from "../running-system.ts";
import { id } from "./deployment.ts";

/** An operation as the API tells it. */
export interface Operation {
  id: string;
  outcome: string | null;
  steps: { name: string }[];
}

/** The deployment that is asked while it changes. What changes it is given as soon as it has begun. */
export interface Switched {
  update(change: object): Promise<Operation>;
  rollBack(): Promise<Operation>;
  stop(): Promise<Operation>;
  start(): Promise<Operation>;
  abort(operationId: string): Promise<void>;
  /** As it is when it has ended, or after a while. */
  operation(id: string): Promise<Operation>;
  /** The step at which the running operation is. */
  step(): Promise<string | null>;
  /** How many of its slots are not empty. */
  slots(): Promise<number>;
}

/** Until it has ended, and as it has to; errors: another outcome. */
export async function ended(switched: Switched, { id: operationId }: Operation, outcome: string): Promise<Operation> {
  const operation = await until(async () => {
    const latest = await switched.operation(operationId);
    return latest.outcome === null ? undefined : latest;
  });
  if (operation.outcome === outcome) return operation;
  throw new Error(`operation ${operationId} ended ${operation.outcome} instead of ${outcome}: ${JSON.stringify(operation)}`);
}

/** Errors: ten minutes are over. */
export async function until<Answer>(ask: () => Promise<Answer | undefined>): Promise<Answer> {
  for (const end = performance.now() + 600_000; performance.now() < end; await new Promise((resolve) => setTimeout(resolve, 20))) {
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
  throw new Error("what was waited for did not come");
}

/** By the API, as anybody changes it. */
export function byApi(system: RunningSystem): Switched {
  const path = `/v1/deployments/${id}`;
  const begin = async (method: string, action: string, body?: object): Promise<Operation> =>
    (await system.call(method, `${path}${action}`, body)).operation;
  const state = () => system.call("GET", `${path}/state`);
  return {
    update: (change) => begin("PATCH", "", change),
    rollBack: () => begin("POST", "/rollback", {}),
    stop: () => begin("POST", "/stop"),
    start: () => begin("POST", "/start"),
    abort: async (operationId) => void (await system.call("POST", `/v1/operations/${operationId}/abort`)),
    operation: (operationId) => system.until(() => system.call("GET", `/v1/operations/${operationId}?wait=25`)),
    step: async () => (await state()).operation?.step ?? null,
    slots: async () => Object.values((await state()).slots).filter(Boolean).length,
  };
}
