import { isDeepStrictEqual } from "node:util";
import type { Head } from "../../domain/deployment.ts";
import { WorkflowError } from "../../domain/errors.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import {
  backendsInUse,
  backendsOnStandby,
  claimOf,
  claimOn,
  claimRoute,
  claimWithAccess,
  epochOf,
  hasAccess,
  isNewerClaim,
  type RouteState,
  routeObject,
  setBackends,
} from "../../domain/manifests/route.ts";
import { labels, routeName } from "../../domain/names.ts";
import { type Cluster, KubernetesError } from "../ports/cluster.ts";
import type { DeploymentReader } from "../ports/record.ts";
import { requireNewest } from "./step.ts";

/** Others write to the route too (its status), so a lost race is ordinary; so many in a row are not. */
const attempts = 10;

export function readRoute(cluster: Cluster, head: Head): Promise<KubernetesObject | undefined> {
  return cluster.get("HTTPRoute", head.place.namespace, routeName(head));
}

/**
 * From here on no older executor can move the traffic, nor one of an earlier step of the same operation: the route carries
 * this epoch and step. Where its traffic goes stays as it is, and whom it answers is what the deployment's access says now,
 * whatever becomes of the operation; a route that is not there is made without backends. Gives the route.
 */
export function claim(cluster: Cluster, head: Head): Promise<KubernetesObject> {
  return changeRoute(cluster, head, (route) => patchToClaim(route, head));
}

/**
 * The same as an operation begins. After a success nobody has anything left to write, and the first move is the claim. Where
 * something is kept warm, or has to make room, whoever removes it is to see who has come.
 */
export function claimUnlessSettled(cluster: Cluster, head: Head): Promise<KubernetesObject> {
  const mayStay = (route: KubernetesObject) => hasAccess(route, head) && isAloneBeside(head) && isLeftBySuccess(route, head);
  return changeRoute(cluster, head, (route) => (mayStay(route) ? undefined : patchToClaim(route, head)));
}

function patchToClaim(route: KubernetesObject, head: Head): object | undefined {
  if (!hasAccess(route, head)) return claimWithAccess(route, head, claimOf(head));
  return isClaimedBy(route, head) ? undefined : claimRoute(claimOf(head), versionOf(route));
}

/** There is what serves, and what comes, and nothing else. */
const isAloneBeside = ({ slots, epoch, active_operation: operation }: Head): boolean =>
  !operation?.evicts && Object.values(slots).every((slot) => !slot || slot.weight > 0 || slot.epoch === epoch);

/** The operation before this one has succeeded, and its last claim stands. */
const isLeftBySuccess = (route: KubernetesObject, { epoch, last_operation }: Head): boolean =>
  last_operation?.outcome === "SUCCEEDED" && epochOf(route) === epoch - 1;

/**
 * Points the route by one write, or finds that it points there already. Gives the route as it is then. One that is gone
 * tells of no newer epoch any more, so that the record is asked. `known` is the route as it was read before.
 */
export function pointRoute(
  cluster: Cluster,
  head: Head,
  state: RouteState,
  record: Pick<DeploymentReader, "head">,
  known?: KubernetesObject,
): Promise<KubernetesObject> {
  const patchFor = (route: KubernetesObject) => {
    if (pointsTo(route, head, state)) return undefined;
    const backends = registersTargets(head) ? [...state.backends, ...leftBehind(route, state)] : state.backends;
    return setBackends(head, { ...state, backends }, versionOf(route));
  };
  return changeRoute(cluster, head, patchFor, () => requireNewest(head, record), known);
}

/** Where targets are registered, who leaves the route in the same write as its traffic is cut off in the middle of answers. */
function leftBehind(route: KubernetesObject, state: RouteState): RouteState["backends"] {
  const names = [...backendsInUse(route), ...backendsOnStandby(route)];
  return names.filter((name) => state.backends.every((backend) => backend.name !== name)).map((name) => ({ name, weight: 0 }));
}

function pointsTo(route: KubernetesObject, head: Head, state: RouteState): boolean {
  return isClaimedBy(route, head) && hasAccess(route, head) && isDeepStrictEqual(answersAs(route), answersAs(routeObject(head, state)));
}

/** What the gateway goes by; defaults that the API server has filled in elsewhere do not matter. */
function answersAs(route: KubernetesObject): object {
  const { rules = [] } = (route.spec ?? {}) as { rules?: { filters?: { type: string; responseHeaderModifier?: object }[] }[] };
  const headers = rules.flatMap(({ filters = [] }) => filters.map(({ responseHeaderModifier }) => responseHeaderModifier ?? null));
  return { backends: backendsInUse(route).sort(), headers };
}

/** The names that the route sends traffic to, whoever holds it. None when there is no route. */
export const usedBy = (route: KubernetesObject | undefined): string[] => (route ? backendsInUse(route) : []);

/** Whether the gateway has to know targets for a while before they can have traffic. */
export const registersTargets = ({ place }: Pick<Head, "place">): boolean => (place.gateway.register_seconds ?? 0) > 0;

/** Changes what the route knows besides where its traffic goes; fenced and tried again as every change of it. */
export async function changeStandby(
  cluster: Cluster,
  head: Head,
  record: Pick<DeploymentReader, "head">,
  patchFor: (route: KubernetesObject) => object | undefined,
): Promise<void> {
  await changeRoute(cluster, head, patchFor, () => requireNewest(head, record));
}

/**
 * A route that is not there is made without backends, and then changed as any other. One that was read a while ago is good
 * for a change, which its version guards, and not to find that none is needed.
 */
async function changeRoute(
  cluster: Cluster,
  head: Head,
  patchFor: (route: KubernetesObject) => object | undefined,
  requireRight: () => Promise<void> = async () => {},
  known?: KubernetesObject,
): Promise<KubernetesObject> {
  let before = known;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const route = before ?? (await readRoute(cluster, head));
    const isFresh = before === undefined;
    before = undefined;
    if (!route) {
      const made = await unlessOvertaken(cluster.create(routeObject(head, { ...claimOf(head), revision: null, backends: [] })));
      await requireRight();
      if (made && !patchFor(made)) return made;
      before = made;
      continue;
    }
    requireOwn(route, head);
    const patch = patchFor(route);
    if (!patch && isFresh) return route;
    if (!patch) continue;
    const patched = await unlessOvertaken(cluster.patch("HTTPRoute", head.place.namespace, routeName(head), patch));
    if (patched) return patched;
  }
  throw busy(head);
}

const busy = (head: Head): WorkflowError =>
  new WorkflowError(
    "ClusterUnavailable",
    "Conflict",
    `route ${routeName(head)} changed each of the ${attempts} times that it was to be changed`,
  );

/** For good: as it was read, so that what a newer epoch has claimed meanwhile stays. None is no error, nor another's. */
export async function removeRoute(cluster: Cluster, head: Head): Promise<void> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const route = await readRoute(cluster, head);
    if (route?.metadata.labels?.[labels.uid] !== head.uid) return;
    requireOwn(route, head);
    const { uid = null } = route.metadata;
    await cluster.remove("HTTPRoute", head.place.namespace, routeName(head), uid, undefined, versionOf(route));
  }
  throw busy(head);
}

/** Somebody was quicker: what is there now is looked at again. */
export async function unlessOvertaken<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof KubernetesError && (error.code === 409 || error.code === 404)) return undefined;
    throw error;
  }
}

function requireOwn(route: KubernetesObject, head: Head): void {
  const name = routeName(head);
  const holder = route.metadata.labels?.[labels.uid];
  if (holder !== head.uid)
    throw new WorkflowError(
      "ClusterRefused",
      "AlreadyExists",
      `route ${name} belongs to another deployment (${holder ?? "not labelled"}): remove it, or delete this deployment and create it under another id`,
    );
  requireUnclaimed(route, head);
}

/** `StaleEpoch` when a newer epoch, or a later step of this one, has claimed the route. */
export function requireUnclaimed(route: KubernetesObject, head: Head): void {
  const own = claimOf(head);
  const claim = claimOn(route);
  if (!isNewerClaim(claim, own)) return;
  const who = claim.epoch > own.epoch ? `epoch ${claim.epoch}: epoch ${own.epoch}` : `a later step of epoch ${own.epoch}: step ${own.step}`;
  throw new WorkflowError("StaleEpoch", "StaleEpoch", `route ${routeName(head)} was claimed by ${who} is over`);
}

/** By this step, or by a later one. */
export const isClaimedBy = (route: KubernetesObject, head: Head): boolean => !isNewerClaim(claimOf(head), claimOn(route));

/** The last operation has succeeded, and no other has claimed the route: none of its executors has anything left to write. */
export const isOfSuccess = (route: KubernetesObject, { epoch, last_operation }: Head): boolean =>
  last_operation?.outcome === "SUCCEEDED" && epochOf(route) === epoch;

const versionOf = (route: KubernetesObject): string => route.metadata.resourceVersion ?? "";
