import type { Head } from "../../domain/deployment.ts";
import { nextOperationId } from "../../domain/operation-id.ts";
import { beginOperation, desiredOf } from "../../domain/operations.ts";
import type { OperationKind, SlotName } from "../../domain/words.ts";
import type { Caller } from "./caller.ts";
import { type Begun, carryOut } from "./carry-out.ts";
import type { Occasion } from "./idempotency.ts";
import { type Changing, timestamp } from "./installation.ts";
import { storedRevision } from "./load-for-change.ts";

interface StoredBeginning {
  kind: Exclude<OperationKind, "UPDATE">;
  revision: number;
  runs_in?: SlotName;
  /** The revision's own unless given. */
  deadline_seconds?: number;
}

/** Begins an operation that makes no revision: it runs, replaces or takes away one that is stored. */
export async function beginOnStoredRevision(
  ports: Changing,
  caller: Caller,
  head: Head,
  { kind, revision, runs_in, deadline_seconds }: StoredBeginning,
  occasion: Occasion | undefined,
): Promise<Begun> {
  const { specification } = await storedRevision(ports, head, revision);
  const decision = beginOperation(head, {
    kind,
    operation_id: nextOperationId({ uid: head.uid, last: head.last_operation?.id }, ports.clock.now()),
    actor: caller.actor,
    at: timestamp(ports.clock),
    deadline_seconds: deadline_seconds ?? specification.rollout.deadline_seconds,
    revision: null,
    target_revision: revision,
    strategy: specification.rollout.strategy,
    desired: desiredOf(specification),
    ...(runs_in && { runs_in }),
  });
  return carryOut(ports, decision, occasion);
}
