import type { Card } from "../../domain/deployment.ts";
import type { ModelVersion } from "../../domain/model.ts";
import type { DeploymentReader } from "../ports/record.ts";

/** Deployments of a group that are looked at for one answer: what an index read of some tens of units gives. */
const looked = 500;

/** Versions of a model with the ids of the group's deployments that serve them, as the index of deployments has it. */
export async function withRunningIn(
  record: DeploymentReader,
  group: string,
  name: string,
  versions: ModelVersion[],
): Promise<ModelVersion[]> {
  if (versions.length === 0) return versions;
  const { found, more } = await runningIn(record, group, name);
  const unseen = more && { running_in_more: true as const };
  return versions.map((version) => ({ ...version, running_in: (found.get(version.version) ?? []).toSorted(), ...unseen }));
}

/** `more`: the group has deployments beyond those that were looked at. */
async function runningIn(record: DeploymentReader, group: string, name: string): Promise<{ found: Map<number, string[]>; more: boolean }> {
  const found = new Map<number, string[]>();
  let cursor: string | undefined;
  for (let left = looked; left > 0; left -= 100) {
    const page = await record.cards({ groups: [group] }, { limit: 100, ...(cursor !== undefined && { cursor }) });
    const models = await Promise.all(page.items.map((card) => served(record, card)));
    for (const [index, model] of models.entries()) {
      const id = page.items[index]?.id;
      if (model?.name === name && id !== undefined) found.set(model.version, [...(found.get(model.version) ?? []), id]);
    }
    cursor = page.next_cursor;
    if (cursor === undefined) break;
  }
  return { found, more: cursor !== undefined };
}

/** The index tells the model of what is wanted; while a rollout lasts, or after one failed, another revision serves. */
async function served(record: DeploymentReader, { uid, revisions, model }: Card): Promise<Card["model"]> {
  if (revisions.running === null) return null;
  if (revisions.running === revisions.wanted) return model;
  const revision = await record.revision(uid, revisions.running);
  const serves = revision?.specification.predictor.model;
  return serves ? { name: serves.name, version: serves.version } : null;
}
