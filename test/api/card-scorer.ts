import type { Operation } from "../../domain/operation.ts";
import { installation } from "../doubles/installation.ts";

export const body = (over: object = {}) => ({
  group: "fraud",
  name: "Card scorer",
  id: "card-scorer",
  environment: "production",
  access: "public",
  predictor: { image: "me/server:1" },
  ...over,
});
export const at = { parameters: { id: "card-scorer" } };

export type CardScorer = ReturnType<typeof cardScorer>;

/** An installation, and what a member does with its one deployment. */
export function cardScorer() {
  const system = installation();
  const head = async () => {
    const found = await system.record.head((await system.record.uidOf("card-scorer")) ?? "");
    if (!found) throw new Error("the deployment was not created");
    return found;
  };
  const end = async (id: string): Promise<void> => void (await system.end((await system.record.operation(id)) as Operation));
  const patch = (given: object, query: Record<string, string> = {}) =>
    system.member("PATCH /v1/deployments/{id}", { ...at, query, body: given });
  const rollBack = (given: object = {}) => system.member("POST /v1/deployments/{id}/rollback", { ...at, body: given });
  /** Started, and updated until it has so many revisions. */
  async function running(revisions = 1): Promise<void> {
    const created = await system.member("POST /v1/deployments", { body: body() });
    await end(created.body.operation.id);
    for (let revision = 2; revision <= revisions; revision++)
      await end((await patch({ description: `revision ${revision}` })).body.operation.id);
  }
  return { system, head, running, end, patch, rollBack };
}
