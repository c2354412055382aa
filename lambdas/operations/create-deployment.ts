import type { Head } from "../../domain/deployment.ts";
import { Problem } from "../../domain/errors.ts";
import type { Operation } from "../../domain/operation.ts";
import { nextOperationId } from "../../domain/operation-id.ts";
import { createDeployment as decide } from "../../domain/operations.ts";
import type { ClusterPlace } from "../../domain/place.ts";
import type { Revision } from "../../domain/revision.ts";
import type { Specification } from "../../domain/specification.ts";
import type { Component } from "../../domain/words.ts";
import { type Change, RecordConflict } from "../ports/record.ts";
import { type Caller, requireRole } from "./caller.ts";
import { carryOut } from "./carry-out.ts";
import { configuredPlace } from "./configured-place.ts";
import { kept, type Occasion } from "./idempotency.ts";
import { type Changing, timestamp } from "./installation.ts";
import { requireGroup } from "./require-group.ts";
import { type KnownOfRegistry, resolveWorkload } from "./resolve-workload.ts";
import { revisionSecrets } from "./revision-secrets.ts";

export interface CreateRequest {
  specification: Specification;
  secret_values: Record<Component, Record<string, string>>;
  start: boolean;
}

export interface Created {
  head: Head;
  /** null when it is not to start. */
  operation: Operation | null;
  revision: Revision;
}

/** A deployment with its first revision, started unless told otherwise. */
export async function createDeployment(
  ports: Changing,
  caller: Caller,
  request: CreateRequest,
  occasion: Occasion | undefined,
  known?: KnownOfRegistry,
): Promise<Created> {
  const { secret_values } = request;
  requireRole(caller, request.specification.group, "member");
  const place = placeOf(ports, request.specification);
  const { specification, resolved } = await resolveWorkload(ports.record, request.specification, null, known);
  await requireGroup(ports, caller, specification.group);
  const uid = ports.newId();
  const decision = decide({
    uid,
    specification,
    resolved,
    place,
    actor: caller.actor,
    at: timestamp(ports.clock),
    start: request.start ? { operation_id: nextOperationId({ uid, last: undefined }, ports.clock.now()) } : null,
  });
  const given = { secret_values, kept_secrets: { predictor: [], transformer: [] }, kept_from: 0 };
  return save(ports, { ...decision, secrets: revisionSecrets(given) }, occasion).catch((error: unknown) => {
    throw error instanceof RecordConflict && error.what === "id" ? idTaken(specification.id) : error;
  });
}

async function save(ports: Changing, change: Change, occasion: Occasion | undefined): Promise<Created> {
  const { after: head, operation, revision } = change;
  if (!revision) throw new Error(`the change that creates deployment ${head.id} has no revision`);
  if (operation) return { ...(await carryOut(ports, change, occasion)), revision };
  const idempotency = kept(occasion, { status_code: 201, uid: head.uid });
  await ports.record.commit({ ...change, ...(idempotency && { idempotency }) });
  return { head, operation: null, revision };
}

/** Where an environment runs; refuses one that there is not. */
export function placeOf({ environments }: Changing, { group, environment }: Specification): ClusterPlace {
  const place = configuredPlace(environments, { group, environment });
  if (place) return place;
  const message = `this installation has the environments ${Object.keys(environments).join(", ")}: give one of them`;
  const errors = [{ path: "environment", message, given: environment }];
  throw new Problem("invalid-input", `there is no environment ${environment}: ${message}`, { errors });
}

const idTaken = (id: string) =>
  new Problem("name-taken", `the id ${id} belongs to another deployment. Give another id (or another name, when the id is made from it)`, {
    members: { id },
  });
