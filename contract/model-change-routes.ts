import { groupName, modelName } from "./grammars.ts";
import { createModelBody, registerVersionBody } from "./models.ts";
import * as queries from "./queries.ts";
import { noParameters, type RouteEntry } from "./route.ts";
import { strict } from "./strict.ts";

/** Routes that write to the model registry. */

const model = strict({ group: groupName, name: modelName });
const once = ["Idempotency-Key"] as const;

export const modelChangeRoutes = {
  createModel: {
    method: "POST",
    path: "/v1/models",
    summary: "Create a model, which versions are then registered under",
    tag: "models",
    function: "ChangeRecord",
    policy: { role: "member", of: "body" },
    headers: once,
    params: noParameters,
    query: queries.none,
    body: createModelBody,
    answers: { 201: "Model" },
  },
  registerModelVersion: {
    method: "POST",
    path: "/v1/models/{group}/{name}/versions",
    summary: "Register the next version of a model",
    tag: "models",
    function: "ChangeRecord",
    policy: { role: "member", of: "path" },
    headers: once,
    params: model,
    query: queries.none,
    body: registerVersionBody,
    answers: { 201: "ModelVersion" },
  },
} as const satisfies Record<string, RouteEntry>;
