import type { Begun } from "../operations/carry-out.ts";
import { createDeployment } from "../operations/create-deployment.ts";
import { deleteDeployment } from "../operations/delete-deployment.ts";
import { once, type Repeatable } from "../operations/idempotency.ts";
import { liftHold } from "../operations/lift-hold.ts";
import { storedRevision } from "../operations/load-for-change.ts";
import { type Asking, preflightCreate, preflightUpdate } from "../operations/preflight.ts";
import { restartDeployment } from "../operations/restart-deployment.ts";
import { rollBackDeployment } from "../operations/rollback-deployment.ts";
import { smokeTestDeployment } from "../operations/smoke-test-deployment.ts";
import { startDeployment } from "../operations/start-deployment.ts";
import { stopDeployment } from "../operations/stop-deployment.ts";
import { updateDeployment } from "../operations/update-deployment.ts";
import {
  createdAgain,
  createdAnswer,
  keptOperation,
  operationAnswer,
  startedAnswer,
  storedAnswer,
  updatedAgain,
} from "./change-answers.ts";
import type { Handlers } from "./dispatch.ts";

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
      async () => operationAnswer(ports, (await begin()).operation, wait),
      async (kept) => operationAnswer(ports, await keptOperation(ports, kept), wait),
    );

  return {
    async createDeployment({ caller, body, query, repeatable }) {
      if (query.dry_run) return { status: 200, body: { findings: await preflightCreate(ports, caller, body) } };
      return once(
        ports.record,
        repeatable,
        async () => {
          const { head, operation, revision } = await createDeployment(ports, caller, body, repeatable);
          return operation ? startedAnswer(ports, head, revision, operation, query.wait) : createdAnswer(ports, head, revision);
        },
        (kept) => createdAgain(ports, kept, query.wait),
      );
    },
    async updateDeployment({ caller, params, body, query, version, repeatable }) {
      const request = { id: params.id, version, patch: body, supersede: query.supersede };
      if (query.dry_run) return { status: 200, body: { findings: await preflightUpdate(ports, caller, request) } };
      return once(
        ports.record,
        repeatable,
        async () => {
          const { head, operation, revision } = await updateDeployment(ports, caller, request, repeatable);
          return operation ? startedAnswer(ports, head, revision, operation, query.wait) : storedAnswer(ports, head, revision);
        },
        (kept) => updatedAgain(ports, kept, query.wait),
      );
    },
    deleteDeployment: ({ caller, params, query, version, repeatable }) =>
      begun(repeatable, query.wait, () => deleteDeployment(ports, caller, { id: params.id, name: query.name, version }, repeatable)),
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
      return storedAnswer(ports, head, await storedRevision(ports, head, head.revisions.wanted));
    },
  };
}
