import type { Operation } from "../../domain/operation.ts";
import { installation } from "../doubles/installation.ts";

export const specification = (over: object = {}) => ({
  group: "fraud",
  name: "Card scorer",
  environment: "production",
  predictor: { runtime: "onnx", model: { name: "card-fraud", version: 1 } },
  access: "public",
  ...over,
});
export const on = (id: string) => ({ parameters: { id } });

export type FraudGroup = Awaited<ReturnType<typeof fraudGroup>>;

/** An installation with a group that has registered a model, and what its member does with deployments of it. */
export async function fraudGroup() {
  const system = installation();
  await system.member("POST /v1/models", { body: { group: "fraud", name: "card-fraud" } });
  await system.member("POST /v1/models/{group}/{name}/versions", {
    parameters: { group: "fraud", name: "card-fraud" },
    body: { artifact_uri: "s3://models/card-fraud/1", runtime: "onnx" },
  });
  const create = (over: object = {}, ask: object = {}) => system.member("POST /v1/deployments", { body: specification(over), ...ask });
  const started = async (over: object = {}): Promise<Operation> => {
    const { uid } = (await create(over)).body.deployment;
    const operation = (await system.record.operations(uid, { limit: 1 })).items[0] as Operation;
    await system.end(operation);
    return operation;
  };
  const stored = (id = "card-scorer") => system.record.uidOf(id).then((uid) => system.record.head(uid as string));
  return { system, create, started, stored };
}
