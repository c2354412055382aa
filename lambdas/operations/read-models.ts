import { Problem } from "../../domain/errors.ts";
import type { Model, ModelVersion } from "../../domain/model.ts";
import type { Page, PageRequest } from "../ports/record.ts";
import { type Caller, maySee } from "./caller.ts";
import type { Reading } from "./installation.ts";
import { groupsAsked } from "./list-deployments.ts";

export async function listModels({ record }: Reading, caller: Caller, group: string | undefined, page: PageRequest): Promise<Page<Model>> {
  return record.models(await groupsAsked({ record }, caller, group), page);
}

export async function getModel({ record }: Reading, caller: Caller, group: string, name: string): Promise<Model> {
  if (!maySee(caller, group)) throw noModel(group, name);
  const model = await record.model(group, name);
  if (!model) throw noModel(group, name);
  return model;
}

export async function listModelVersions(
  ports: Reading,
  caller: Caller,
  group: string,
  name: string,
  page: PageRequest,
): Promise<Page<ModelVersion>> {
  await getModel(ports, caller, group, name);
  return ports.record.modelVersions(group, name, page);
}

export async function getModelVersion(ports: Reading, caller: Caller, group: string, name: string, version: number): Promise<ModelVersion> {
  if (!maySee(caller, group)) throw noModel(group, name);
  const found = await ports.record.modelVersion(group, name, version);
  if (found) return found;
  const { latest_version } = await getModel(ports, caller, group, name);
  throw new Problem("not-found", `the model ${group}/${name} has no version ${version}: its newest is ${latest_version}`);
}

export const noModel = (group: string, name: string) =>
  new Problem("not-found", `there is no model ${group}/${name}, or you may not see it. GET /v1/models lists those that you may`);
