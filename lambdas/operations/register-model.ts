import { Problem } from "../../domain/errors.ts";
import type { Model, ModelVersion } from "../../domain/model.ts";
import { RecordConflict } from "../ports/record.ts";
import { type Caller, maySee, requireRole } from "./caller.ts";
import { kept, type Repeatable } from "./idempotency.ts";
import { type Changing, timestamp } from "./installation.ts";
import { noModel } from "./read-models.ts";
import { requireGroup } from "./require-group.ts";
import { requireLocation } from "./require-location.ts";

/** A model without versions yet. */
export async function createModel(
  ports: Changing,
  caller: Caller,
  given: Pick<Model, "group" | "name" | "description">,
  repeatable: Repeatable | undefined,
): Promise<Model> {
  const { group, name } = given;
  requireRole(caller, group, "member");
  await requireGroup(ports, caller, group);
  const model: Model = { ...given, latest_version: 0, created_at: timestamp(ports.clock), created_by: caller.actor };
  try {
    await ports.record.createModel(model, kept(repeatable, { status_code: 201, pointer: { group, name } }));
  } catch (error) {
    throw error instanceof RecordConflict && error.what === "exists" ? nameTaken(group, name) : error;
  }
  return model;
}

export type GivenVersion = Pick<
  ModelVersion,
  "group" | "name" | "artifact_uri" | "runtime" | "framework" | "training_job" | "metrics" | "metadata" | "signature" | "checksum"
>;

/** The next version of a model; immutable from then on. */
export async function registerModelVersion(
  ports: Changing,
  caller: Caller,
  given: GivenVersion,
  repeatable: Repeatable | undefined,
): Promise<ModelVersion> {
  const { group, name } = given;
  if (!maySee(caller, group)) throw noModel(group, name);
  requireRole(caller, group, "member");
  const model = await ports.record.model(group, name);
  if (!model) throw noModel(group, name);
  await requireLocation(ports.record, group, given.artifact_uri, "artifact_uri");
  const version = {
    ...given,
    registered_by: caller.actor,
    registered_at: timestamp(ports.clock),
    verified_in: [],
    approved_by: [],
    running_in: [],
    promotions: [],
    source: null,
    failure: null,
    withdrawn: null,
    observed_signature: null,
  };
  const idempotency = kept(repeatable, { status_code: 201, pointer: { group, name } });
  return ports.record.registerVersion(version, idempotency, model.latest_version);
}

const nameTaken = (group: string, name: string) =>
  new Problem("name-taken", `the group ${group} has a model ${name} already. Register a version of it, or give another name`, {
    members: { name },
  });
