import { groupName, modelName } from "./grammars.ts";
import { createModelBody, registerVersionBody } from "./models.ts";
import * as queries from "./queries.ts";
import { noParameters, type RouteEntry } from "./route.ts";
import { strict } from "./strict.ts";

/** Routes that write to the model registry. */

const model = strict({ group: groupName, name: modelName });
const once = ["Idempotency-Key"] as const;

const registers = { method: "POST", tag: "models", function: "ChangeRecord", headers: once, query: queries.none } as const;

export const modelChangeRoutes = {
  createModel: {
    ...registers,
    path: "/v1/models",
    summary: "Create a model, which versions are then registered under",
    policy: { role: "member", of: "body" },
    params: noParameters,
    body: createModelBody,
    answers: { 201: "Model" },
  },
  registerModelVersion: {
    ...registers,
    path: "/v1/models/{group}/{name}/versions",
    summary: "Register the next version of a model",
    policy: { role: "member", of: "path" },
    params: model,
    body: registerVersionBody,
    answers: { 201: "ModelVersion" },
  },
} as const satisfies Record<string, RouteEntry>;
