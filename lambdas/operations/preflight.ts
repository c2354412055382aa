import { applyPatch } from "../../contract/update.ts";
import type { Head } from "../../domain/deployment.ts";
import { Problem } from "../../domain/errors.ts";
import { type Finding, failed, passed, unknown } from "../../domain/finding.ts";
import type { Revision } from "../../domain/revision.ts";
import { type Specification, withAccess } from "../../domain/specification.ts";
import type { AskCluster } from "../ports/preflight.ts";
import { type Caller, requireRole } from "./caller.ts";
import { type CreateRequest, placeOf } from "./create-deployment.ts";
import { liveHead } from "./find-deployment.ts";
import { type Changing, timestamp } from "./installation.ts";
import { type ChangeRequest, loadAnyway, storedRevision } from "./load-for-change.ts";
import { requireGroup } from "./require-group.ts";
import { resolveWorkload } from "./resolve-workload.ts";
import { requireAllowed } from "./update-deployment.ts";

export interface Asking extends Changing {
  askCluster: AskCluster;
}

/** What would come of a create. Makes nothing; refuses what the create would refuse, but for what a finding says better. */
export async function preflightCreate(ports: Asking, caller: Caller, { specification }: CreateRequest): Promise<Finding[]> {
  requireRole(caller, specification.group, "member");
  const place = placeOf(ports, specification);
  await requireGroup(ports, caller, specification.group);
  const deployment = { id: specification.id, uid: ports.newId(), group: specification.group, place };
  const [name, more] = await Promise.all([
    nameFinding(ports, specification),
    preflightRevision(ports, caller, deployment, { revision: 1, specification, serving_epoch: null }),
  ]);
  return [valid, name, ...more];
}

/** The same of an update. */
export async function preflightUpdate(
  ports: Asking,
  caller: Caller,
  request: ChangeRequest & { patch: Record<string, unknown>; supersede: boolean },
): Promise<Finding[]> {
  const found = await loadAnyway(ports, caller, request);
  requireAllowed(found, request.supersede);
  const { head } = found;
  const wanted = await storedRevision(ports, head, head.revisions.wanted);
  const { changed, specification } = applyPatch(withAccess(wanted.specification, head), request.patch);
  if (!changed) return [passed("schema", `the patch changes nothing: revision ${wanted.revision} stays as it is`)];
  const active = Object.values(head.slots).find((slot) => slot?.role === "active");
  const { runtime } = wanted.specification.predictor;
  const next = { revision: head.revisions.latest + 1, specification, serving_epoch: active?.epoch ?? null, runtime_before: runtime };
  return [valid, ...(await preflightRevision(ports, caller, head, next))];
}

const valid = passed("schema", "the body is valid");

async function nameFinding({ record }: Asking, { id }: Specification): Promise<Finding> {
  if (!(await liveHead(record, id))) return passed("name", `the id ${id} is free`);
  return failed("name", `the id ${id} belongs to another deployment`, "give another id (or another name, when the id is made from it)");
}

interface Next {
  revision: number;
  specification: Specification;
  serving_epoch: number | null;
  runtime_before?: string | null;
}

async function preflightRevision(
  ports: Asking,
  caller: Caller,
  { id, uid, group, place }: Pick<Head, "id" | "uid" | "group" | "place">,
  { revision, specification: given, serving_epoch, runtime_before = null }: Next,
): Promise<Finding[]> {
  const sizes = [given.predictor, given.transformer].flatMap((component) => component?.instance_type ?? []);
  const known = passed("instance_type", `the catalogue has ${[...new Set(sizes)].join(" and ")}`);
  const workload = await workloadOr(ports, given, runtime_before);
  if (workload instanceof Problem)
    return [modelMissing(workload), known, unknown("cluster", "the cluster was not asked: the model version has to be there first")];
  const { update_message } = given;
  const asked = { revision, ...workload, created_at: timestamp(ports.clock), created_by: caller.actor, update_message };
  return [modelFound(workload), known, ...(await clusterFindings(ports, { id, uid, group, place }, asked, serving_epoch))];
}

type Workload = Pick<Revision, "specification" | "resolved">;

async function workloadOr({ record }: Asking, given: Specification, runtimeBefore: string | null): Promise<Workload | Problem> {
  try {
    return await resolveWorkload(record, given, runtimeBefore);
  } catch (error) {
    if (error instanceof Problem && error.errors.some(({ path }) => path.startsWith("predictor.model"))) return error;
    throw error;
  }
}

const modelMissing = ({ errors: [error] }: Problem): Finding =>
  failed("model", `${error?.path}: ${error?.message} (given ${JSON.stringify(error?.given)})`, "register it, or give one that is there");

function modelFound({ specification, resolved }: Workload): Finding {
  const { model, runtime } = specification.predictor;
  if (!model) return passed("model", "no entry of the registry is asked for");
  const { artifact_uri } = resolved.predictor;
  const where = `is registered, with the artifact ${artifact_uri}; the runtime ${runtime} serves it`;
  return passed("model", `version ${model.version} of the model ${model.name} ${where}`);
}

async function clusterFindings(
  { askCluster, log }: Asking,
  deployment: Pick<Head, "id" | "uid" | "group" | "place">,
  revision: Revision,
  serving_epoch: number | null,
): Promise<Finding[]> {
  try {
    return await askCluster({ deployment, revision, serving_epoch });
  } catch (error) {
    log.warn("the cluster's part of a preflight was not answered", error as Error);
    return [unknown("cluster", `the function that asks the cluster ${deployment.place.cluster} gave no answer`, "try again")];
  }
}
