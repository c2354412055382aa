import type { Switched } from "../../../bench/switch/switched.ts";
import { createBody } from "../../../contract/create.ts";
import type { Operation } from "../../../domain/operation.ts";
import type { Caller } from "../../../lambdas/operations/caller.ts";
import { createDeployment } from "../../../lambdas/operations/create-deployment.ts";
import { deleteDeployment } from "../../../lambdas/operations/delete-deployment.ts";
import { rollBackDeployment } from "../../../lambdas/operations/rollback-deployment.ts";
import { startDeployment } from "../../../lambdas/operations/start-deployment.ts";
import { abortOperation } from "../../../lambdas/operations/steer-operation.ts";
import { stopDeployment } from "../../../lambdas/operations/stop-deployment.ts";
import { updateDeployment } from "../../../lambdas/operations/update-deployment.ts";
import { getOperation, waitForEnd } from "../../../lambdas/operations/wait-for-operation.ts";
import type { ControlPlane } from "../support/control-plane.ts";

/** One deployment, changed by the operations that stand behind the API. */
export class Operated implements Switched {
  readonly id: string;
  private readonly plane: ControlPlane;
  private readonly group: string;
  private readonly caller: Caller;

  /** Its id is nobody else's on this cluster, where routes are told apart by it. */
  constructor(plane: ControlPlane, group: string, id = group) {
    this.plane = plane;
    this.group = group;
    this.id = id;
    this.caller = { actor: "bench@example.com", roles: new Map([[group, "member" as const]]), platformAdmin: false };
  }

  async create(specification: object): Promise<Operation> {
    const given = { ...specification, group: this.group, id: this.id, name: this.id };
    return begun(await createDeployment(this.plane.ports, this.caller, createBody.parse(given), undefined));
  }
  update = async (change: object) =>
    begun(
      await updateDeployment(this.plane.ports, this.caller, {
        ...this.request,
        patch: change as Record<string, unknown>,
        supersede: false,
      }),
    );
  rollBack = async () => begun(await rollBackDeployment(this.plane.ports, this.caller, { ...this.request, target: {} }));
  stop = async () => begun(await stopDeployment(this.plane.ports, this.caller, this.request));
  start = async () => begun(await startDeployment(this.plane.ports, this.caller, this.request));
  delete = async () => begun(await deleteDeployment(this.plane.ports, this.caller, { ...this.request, name: this.id }));
  abort = async (operationId: string) => void (await abortOperation(this.plane.ports, this.caller, operationId));

  operation(operationId: string): Promise<Operation> {
    return getOperation(this.plane.ports, this.caller, operationId, 25);
  }
  /** An operation that has begun, when it has ended. Errors: as it must not. */
  async succeeded(operation: Operation, seconds = 600): Promise<Operation> {
    const latest = await waitForEnd(this.plane.ports, operation, seconds);
    if (latest.outcome === "SUCCEEDED") return latest;
    throw new Error(
      `${latest.kind} of ${this.id} ended ${latest.outcome}: ${JSON.stringify({ cause: latest.cause, steps: latest.steps })}`,
    );
  }
  step = async () => (await this.head()).active_operation?.step ?? null;
  slots = async () => Object.values((await this.head()).slots).filter(Boolean).length;

  async head() {
    const head = await this.plane.record.head((await this.plane.record.uidOf(this.id)) ?? "");
    if (!head) throw new Error(`there is no deployment ${this.id}`);
    return head;
  }

  private get request() {
    return { id: this.id, version: undefined };
  }
}

function begun({ operation }: { operation: Operation | null }): Operation {
  if (!operation) throw new Error("nothing was begun");
  return operation;
}
