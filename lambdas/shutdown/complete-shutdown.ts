import { cardOf } from "../../domain/card.ts";
import { isCleanUp } from "../../domain/clean-up.ts";
import type { Decision } from "../../domain/decision.ts";
import type { Head } from "../../domain/deployment.ts";
import { endOperation } from "../../domain/ending.ts";
import { secretNames } from "../../domain/manifests/environment.ts";
import { isKept } from "../../domain/traffic.ts";
import { components, slotNames } from "../../domain/words.ts";
import { type DeploymentReader, type DeploymentWriter, RecordConflict } from "../ports/record.ts";
import type { SecretValues } from "../ports/secrets.ts";
import type { WorkflowInput } from "../ports/workflows.ts";
import { endWith } from "../rollout/end-step.ts";
import { instant, type StepPorts } from "../rollout/step.ts";

interface Ports extends Omit<StepPorts, "clusters"> {
  record: StepPorts["record"] & DeploymentWriter & Pick<DeploymentReader, "revisions">;
  secrets: Pick<SecretValues, "forget">;
}

/**
 * Ends a STOP or DELETE as SUCCEEDED; a deleted deployment's clients and secret values are gone then. After a clean-up, the slots
 * that it has emptied are named no more.
 */
export async function completeShutdown(input: WorkflowInput, ports: Ports): Promise<Record<string, never>> {
  const { record, clock } = ports;
  if (isCleanUp(input)) return forgetSlots(input, ports);
  const { operation_id } = input;
  await endWith(input, record, "SUCCEEDED", (head) =>
    endOperation(head, { operation_id, outcome: "SUCCEEDED", cause: null, condition: null, at: instant(clock) }),
  );
  const head = await record.head(input.uid);
  if (head?.deleted_at) await forget(head, ports);
  return {};
}

/** Last, because a deployment that is still there needs it. Tried again, this finds the operation ended and goes on from here. */
async function forget(head: Head, ports: Ports): Promise<void> {
  await ports.record.removeClients(head.uid);
  await forgetSecrets(head, ports);
}

async function forgetSecrets({ uid }: Head, { record, secrets }: Ports): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await record.revisions(uid, { limit: 100, ...(cursor && { cursor }) });
    for (const { revision, specification } of page.items) {
      for (const component of components) {
        const hasSecrets = secretNames(specification[component]?.env ?? []).length > 0;
        if (hasSecrets) await secrets.forget({ uid, revision, component });
      }
    }
    cursor = page.next_cursor;
  } while (cursor);
}

/** When a person was quicker, the new operation has the slots to itself and removes what it does not need. */
async function forgetSlots({ uid, epoch }: WorkflowInput, { record, clock }: Ports): Promise<Record<string, never>> {
  const head = await record.head(uid);
  if (!head || head.epoch !== epoch || head.active_operation) return {};
  const slots = { ...head.slots };
  for (const slot of slotNames) if (slots[slot] && !isKept(slots[slot], clock.now())) slots[slot] = null;
  const after: Head = { ...head, slots, version: head.version + 1 };
  const decision: Decision = { before: head, after, events: [], card: cardOf(after) };
  await record.commit(decision).catch((error: unknown) => {
    if (!(error instanceof RecordConflict)) throw error;
  });
  return {};
}
