import { createHash } from "node:crypto";
import { type BusEvent, busEvent } from "../../contract/triggers.ts";
import { promoteByPolicy } from "../operations/begin-promotion.ts";
import { startWhenFirst } from "../operations/promoting.ts";
import { type Taking, takeTrigger } from "../operations/take-trigger.ts";
import { usedDetail } from "./sagemaker.ts";

/** What the buses bring: reports of other systems, and what our own record says has happened. */
export async function receiveEvent(given: unknown, ports: Taking): Promise<void> {
  const event = busEvent.parse(given);
  const kind = event["detail-type"];
  if (kind === "Promotion Ended") return startNext(event, ports);
  if (kind === "Model Version Registered" && typeof event.detail.version === "number") return promoteRegistered(event, ports);
  const source = event.source === "slipway" ? "event" : event.source.replace(/^aws\./, "");
  const payload = source === "sagemaker" ? { ...event, detail: usedDetail(kind, event.detail) } : event;
  await takeTrigger(ports, { source, kind, key: keyOf(event), payload });
}

/** What makes two deliveries the same: the thing and its state, where a sender repeats itself under new event ids. */
function keyOf({ id, detail }: BusEvent): string {
  const thing = detail.job_id ?? detail.TrainingJobArn ?? detail.ModelPackageArn ?? detail.id;
  const state = [detail.status, detail.TrainingJobStatus, detail.ModelPackageStatus, detail.ModelApprovalStatus, detail.LastModifiedTime];
  if (thing === undefined) return id;
  // Other content under the same name is another delivery: it is to be kept, and told to be a conflict.
  const content = JSON.stringify([thing, state, detail.artifact_uri, detail.metrics, detail.checksum, detail.framework, detail.signature]);
  return `${String(thing).slice(0, 256).toWellFormed()}|${createHash("sha256").update(content).digest("base64url")}`;
}

/** Our own word that there is a version: the policy of its model says how far it goes by itself. */
async function promoteRegistered({ detail }: BusEvent, ports: Taking): Promise<void> {
  const { group, name } = detail.model as { group: string; name: string };
  const version = await ports.record.modelVersion(group, name, Number(detail.version));
  if (version) await promoteByPolicy(ports, version, { actor: version.registered_by });
}

/** Who waited in the lane goes now. */
async function startNext({ detail }: BusEvent, ports: Taking): Promise<void> {
  const group = String(detail.group);
  const { active } = await ports.promotions.lane(group, String(detail.name));
  const next = active === null ? undefined : await ports.promotions.promotion(active, group);
  if (next && next.outcome === null) await startWhenFirst(ports, next.id, group);
}
