import { groupName, modelName } from "./grammars.ts";
import { modelList, page } from "./list-queries.ts";
import * as queries from "./queries.ts";
import { noParameters, type RouteEntry, signedIn } from "./route.ts";
import { strict } from "./strict.ts";

/** Routes that read the model registry. */

const model = strict({ group: groupName, name: modelName });
const modelVersion = strict({ group: groupName, name: modelName, version: queries.digits(1, 999_999) });

export const modelRoutes = {
  listModels: {
    method: "GET",
    path: "/v1/models",
    summary: "List the models of your groups",
    tag: "models",
    function: "ReadRecord",
    policy: signedIn,
    params: noParameters,
    query: modelList,
    answers: { 200: "ModelList" },
  },
  getModel: {
    method: "GET",
    path: "/v1/models/{group}/{name}",
    summary: "Get a model",
    tag: "models",
    function: "ReadRecord",
    policy: { role: "viewer", of: "path" },
    params: model,
    query: queries.none,
    answers: { 200: "Model" },
  },
  listModelVersions: {
    method: "GET",
    path: "/v1/models/{group}/{name}/versions",
    summary: "List the versions of a model, newest first",
    tag: "models",
    function: "ReadRecord",
    policy: { role: "viewer", of: "path" },
    params: model,
    query: page,
    answers: { 200: "ModelVersionList" },
  },
  getModelVersion: {
    method: "GET",
    path: "/v1/models/{group}/{name}/versions/{version}",
    summary: "Get one version of a model",
    tag: "models",
    function: "ReadRecord",
    policy: { role: "viewer", of: "path" },
    params: modelVersion,
    query: queries.none,
    answers: { 200: "ModelVersion" },
  },
} as const satisfies Record<string, RouteEntry>;
