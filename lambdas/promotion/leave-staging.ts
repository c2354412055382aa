import { type Promotion, stageOf } from "../../domain/promotion.ts";
import { liveStanding } from "../operations/find-deployment.ts";
import type { Changing } from "../operations/installation.ts";
import { stopDeployment } from "../operations/stop-deployment.ts";

export type StagingPorts = Changing;

/** A version that is through with staging is stopped there, where the policy says so and nobody has put anything else there since. */
export async function leaveStaging(promotion: Promotion, ports: StagingPorts): Promise<void> {
  const { policy, model, requested_by } = promotion;
  if (policy.staging_afterwards === "keep") return;
  const since = stageOf(promotion, "staging");
  // By its uid where that is known: an id would be looked up.
  const known = await liveStanding(ports.record, since?.uid ?? policy.staging.deployment_id);
  if (!known) return;
  const { head } = known;
  if (head.active_operation || head.revisions.running === null) return;
  const isOurs = head.group === model.group && head.model?.name === model.name && head.model.version === model.version;
  if (!isOurs || (since?.revision != null && since.revision !== head.revisions.running)) return;
  const caller = { actor: requested_by, roles: new Map([[model.group, "admin" as const]]), platformAdmin: false };
  try {
    await stopDeployment(ports, caller, { id: head.uid, version: head.version, known });
  } catch (error) {
    // Somebody changed it at this very moment, and it is theirs now; or nobody answered. Production serves the version either way.
    ports.log.warn(`deployment ${head.id} was not stopped after promotion ${promotion.id}`, error as Error);
  }
}
