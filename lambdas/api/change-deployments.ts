import type { Head } from "../../domain/deployment.ts";
import type { Observed } from "../../domain/observed.ts";
import type { Operation } from "../../domain/operation.ts";
import type { Revision } from "../../domain/revision.ts";
import type { Begun } from "../operations/carry-out.ts";
import { createDeployment } from "../operations/create-deployment.ts";
import { deleteDeployment } from "../operations/delete-deployment.ts";
import { once, type Repeatable } from "../operations/idempotency.ts";
import type { Changing } from "../operations/installation.ts";
import { liftHold } from "../operations/lift-hold.ts";
import { storedRevision } from "../operations/load-for-change.ts";
import { type Asking, preflightCreate, preflightUpdate } from "../operations/preflight.ts";
import { restartDeployment } from "../operations/restart-deployment.ts";
import { rollBackDeployment } from "../operations/rollback-deployment.ts";
import { smokeTestDeployment } from "../operations/smoke-test-deployment.ts";
import { startDeployment } from "../operations/start-deployment.ts";
import { stopDeployment } from "../operations/stop-deployment.ts";
import { updateDeployment } from "../operations/update-deployment.ts";
import { waitForEnd } from "../operations/wait-for-operation.ts";
import type { IdempotentAnswer } from "../ports/record.ts";
import { deploymentView } from "./deployment-view.ts";
import type { Handlers, Reply } from "./dispatch.ts";
import { operationLocation, operationView } from "./operation-view.ts";

type Routes =
  | "createDeployment"
  | "updateDeployment"
  | "deleteDeployment"
  | "startDeployment"
  | "stopDeployment"
  | "restartDeployment"
  | "rollBackDeployment"
  | "smokeTestDeployment"
  | "liftHold";

export function changeDeployments(ports: Asking): Pick<Handlers<"ChangeRecord">, Routes> {
  /** An operation that was begun, now or by an earlier request of the same key. */
  const begun = (repeatable: Repeatable | undefined, wait: number, begin: () => Promise<Begun>) =>
    once(
      ports.record,
      repeatable,
      async () => operationAnswer(await waitForEnd(ports, (await begin()).operation, wait)),
      async (kept) => operationAnswer(await waitForEnd(ports, await keptOperation(ports, kept), wait)),
    );

  return {
    async createDeployment({ caller, body, query, repeatable }) {
      if (query.dry_run) return { status: 200, body: { findings: await preflightCreate(ports, caller, body) } };
      return once(
        ports.record,
        repeatable,
        async () => {
          const { head, operation, revision } = await createDeployment(ports, caller, body, repeatable);
          return operation ? startedAnswer(ports, head, revision, operation, query.wait) : createdAnswer(ports, head, undefined, revision);
        },
        (kept) => createdAgain(ports, kept, query.wait),
      );
    },
    async updateDeployment({ caller, params, body, query, version }) {
      const request = { id: params.id, version, patch: body, supersede: query.supersede };
      if (query.dry_run) return { status: 200, body: { findings: await preflightUpdate(ports, caller, request) } };
      const { head, operation, revision } = await updateDeployment(ports, caller, request);
      if (operation) return startedAnswer(ports, head, revision, operation, query.wait);
      return { ...(await createdAnswer(ports, head, await ports.record.observed(head.uid), revision)), status: 200 };
    },
    deleteDeployment: ({ caller, params, query, version }) =>
      begun(undefined, query.wait, () => deleteDeployment(ports, caller, { id: params.id, name: query.name, version })),
    startDeployment: ({ caller, params, query, version, repeatable }) =>
      begun(repeatable, query.wait, () => startDeployment(ports, caller, { id: params.id, version }, repeatable)),
    stopDeployment: ({ caller, params, query, version, repeatable }) =>
      begun(repeatable, query.wait, () => stopDeployment(ports, caller, { id: params.id, version }, repeatable)),
    restartDeployment: ({ caller, params, query, version, repeatable }) =>
      begun(repeatable, query.wait, () => restartDeployment(ports, caller, { id: params.id, version }, repeatable)),
    rollBackDeployment: ({ caller, params, body, query, version, repeatable }) =>
      begun(repeatable, query.wait, () => rollBackDeployment(ports, caller, { id: params.id, version, target: body }, repeatable)),
    smokeTestDeployment: ({ caller, params, query, version, repeatable }) =>
      begun(repeatable, query.wait, () => smokeTestDeployment(ports, caller, { id: params.id, version }, repeatable)),
    async liftHold({ caller, params, version }) {
      const head = await liftHold(ports, caller, { id: params.id, version });
      const revision = await storedRevision(ports, head, head.revisions.wanted);
      return { ...(await createdAnswer(ports, head, await ports.record.observed(head.uid), revision)), status: 200 };
    },
  };
}

const etag = ({ version }: Head) => ({ etag: `"${version}"` });

function operationAnswer(operation: Operation): { status: 202; headers: Record<string, string>; body: unknown } {
  return { status: 202, headers: operationLocation(operation), body: { operation: operationView(operation) } };
}

async function createdAnswer(
  ports: Changing,
  head: Head,
  observed: Observed | undefined,
  revision: Revision,
): Promise<Reply<"createDeployment">> {
  return { status: 201, headers: etag(head), body: { deployment: deploymentView(head, observed, revision, ports) } };
}

/** With `wait` the deployment is shown as it is when the operation has ended, not as it was when it began. */
async function startedAnswer(
  ports: Changing,
  head: Head,
  revision: Revision,
  operation: Operation,
  wait: number,
): Promise<Reply<"createDeployment"> & { status: 202 }> {
  const latest = await waitForEnd(ports, operation, wait);
  const now = wait > 0 ? ((await ports.record.head(head.uid)) ?? head) : head;
  const observed = wait > 0 || head.revisions.running !== null ? await ports.record.observed(head.uid) : undefined;
  const deployment = deploymentView(now, observed, revision, ports);
  return { status: 202, headers: { ...operationLocation(latest), ...etag(now) }, body: { deployment, operation: operationView(latest) } };
}

/** The same answer, made again from what the first request left. */
async function createdAgain(ports: Changing, kept: IdempotentAnswer, wait: number): Promise<Reply<"createDeployment">> {
  const head = kept.uid === null ? undefined : await ports.record.head(kept.uid);
  if (!head) throw new Error(`the deployment ${kept.uid} of a kept answer is not stored`);
  const revision = await storedRevision(ports, head, head.revisions.wanted);
  if (kept.operation_id === null) return createdAnswer(ports, head, await ports.record.observed(head.uid), revision);
  return startedAnswer(ports, head, revision, await keptOperation(ports, kept), wait);
}

async function keptOperation({ record }: Changing, { operation_id }: IdempotentAnswer): Promise<Operation> {
  const operation = operation_id === null ? undefined : await record.operation(operation_id);
  if (!operation) throw new Error(`the operation ${operation_id} of a kept answer is not stored`);
  return operation;
}
