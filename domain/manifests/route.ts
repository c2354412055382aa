import type { Head } from "../deployment.ts";
import type { KubernetesObject } from "../kubernetes.ts";
import { epochAnnotation, labels, ownLabels, routeName, servicePort, stepAnnotation, workloadName } from "../names.ts";
import { sameJson } from "../same-json.ts";
import { type Component, type SlotName, slotNames } from "../words.ts";

/**
 * The deployment's one HTTPRoute: the only thing that moves. Claimed by an operation with its epoch and by each of its
 * steps with its number, then changed by one PATCH at a time with the `resourceVersion` that was read, so that of two
 * executors one loses.
 */

type Routed = Pick<Head, "id" | "uid" | "group" | "place" | "access">;

/** Who may still write to the route: this step of this epoch's operation, and whoever comes after it. */
export interface RouteClaim {
  epoch: number;
  /** Which of the operation's steps, from 1; without end for a clean-up after the operation. */
  step: number;
}

export const claimOf = ({ epoch, active_operation: operation }: Pick<Head, "epoch" | "active_operation">): RouteClaim => ({
  epoch,
  step: operation ? operation.steps.length : Number.POSITIVE_INFINITY,
});

export const isNewerClaim = (claim: RouteClaim, than: RouteClaim): boolean =>
  claim.epoch > than.epoch || (claim.epoch === than.epoch && claim.step > than.step);

export interface RouteState extends RouteClaim {
  /** The revision that answers; null when nothing does. */
  revision: number | null;
  /** The epoch whose attempt answers, where it is not the one that points the route. */
  attempt?: number;
  /** Percent of the traffic that it has, where it has not all. */
  weight?: number;
  /** Empty: the route stays, and the gateway answers with an error of its own. */
  backends: RouteBackend[];
}
export interface RouteBackend {
  /** Name of a Service in the deployment's namespace. */
  name: string;
  weight: number;
}

/** Every answer through the route carries it, so that a probe knows which state of the route answered. */
export const routeHeader = "X-Slipway-Route";
export function routeHeaderValue({ epoch, revision, attempt = epoch, weight = 100 }: Omit<RouteState, "backends" | "step">): string {
  return `${epoch}-${revision ?? "none"}${attempt === epoch ? "" : `.${attempt}`}${weight === 100 ? "" : `-${weight}`}`;
}

/** What the route is to do by the record, and whose it is to say that it is: the given slot's. */
export function routeState(head: Pick<Head, "id" | "uid" | "epoch" | "slots" | "active_operation">, slot: SlotName): RouteState {
  const record = head.slots[slot];
  if (!record) throw new RangeError(`the route cannot speak for slot ${slot}: it is empty`);
  const { revision, epoch: attempt, weight } = record;
  return { ...claimOf(head), revision, attempt, weight, backends: routeBackends(head) };
}

/** Set by the front, by overwrite; the gateway admits only the front. */
export const accessHeader = "X-Slipway-Access";
/** Whose client is asking: a path with dots in it may lead a gateway to another deployment than the token was shown for. */
const deploymentHeader = "X-Slipway-Deployment";

/** What a request has to carry so that the deployment's route answers it. */
export const admission = ({ uid, access }: Pick<Head, "uid" | "access">): Record<string, string> =>
  access === "public" ? { [accessHeader]: "public" } : { [accessHeader]: "client", [deploymentHeader]: uid };

/** Where the gateway has it, whatever its access. */
export function endpointPath(id: string): string {
  return `/endpoints/${id}`;
}

export function routeObject(deployment: Routed, state: RouteState): KubernetesObject {
  const { gateway, namespace } = deployment.place;
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: {
      name: routeName(deployment),
      namespace,
      labels: ownLabels(deployment),
      annotations: annotationsOf(state),
    },
    spec: {
      parentRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: gateway.name, namespace: gateway.namespace }],
      rules: [ruleOf(deployment, state)],
    },
  };
}

/** JSON merge patch: from now on no older epoch, and no older step of this one, may change the route; what it does stays as it is. */
export function claimRoute(claim: RouteClaim, resourceVersion: string): object {
  return { metadata: { resourceVersion, annotations: annotationsOf(claim) } };
}

/** The same; the route also answers from now on to whom the deployment's access lets in. Where its traffic goes stays as it is. */
export function claimWithAccess(route: KubernetesObject, deployment: Routed, claim: RouteClaim): object {
  const rules = rulesOf(route).map((rule) => ({
    ...rule,
    matches: matchesOf(deployment),
    filters: [...(rule.filters ?? []).filter(({ type }) => type !== requestModifier), ...requestFilters(deployment)],
  }));
  return { ...claimRoute(claim, route.metadata.resourceVersion ?? ""), spec: { rules } };
}

/** Whether a route answers those alone whom the deployment's access lets in. */
export function hasAccess(route: KubernetesObject, deployment: Pick<Head, "uid" | "access">): boolean {
  const wanted = Object.entries(admission(deployment)).map(([name, value]) => ({ name, value }));
  return rulesOf(route).every(({ matches = [], filters = [] }) => {
    const asked = matches.map(({ headers = [] }) => headers.map(({ name, value }) => ({ name, value })));
    const changed = filters.filter(({ type }) => type === requestModifier);
    return sameJson(asked, [wanted]) && sameJson(changed, requestFilters(deployment));
  });
}

const annotationsOf = ({ epoch, step }: RouteClaim): Record<string, string> => ({
  [epochAnnotation]: String(epoch),
  [stepAnnotation]: Number.isFinite(step) ? String(step) : afterAllSteps,
});
const afterAllSteps = "ended";

/** JSON merge patch: these Services get the traffic, by weight. */
export function setBackends(deployment: Routed, state: RouteState, resourceVersion: string): object {
  return { ...claimRoute(state, resourceVersion), spec: { rules: [ruleOf(deployment, state)] } };
}

/** JSON merge patch: these Services are in the route as well, and have nothing of the traffic. */
export function addStandby(route: KubernetesObject, claim: RouteClaim, names: string[]): object {
  const added = names.map((name) => ({ group: "", kind: "Service", name, port: servicePort, weight: 0 }));
  return changeReferences(route, claim, (references) => [...references, ...added]);
}

/** JSON merge patch: these Services are in the route no more. */
export function dropStandby(route: KubernetesObject, claim: RouteClaim, names: string[]): object {
  return changeReferences(route, claim, (references) => references.filter(({ name }) => !names.includes(name)));
}

function changeReferences(route: KubernetesObject, claim: RouteClaim, change: (references: Reference[]) => Reference[]): object {
  const rules = rulesOf(route).map((rule) => ({ ...rule, backendRefs: change(rule.backendRefs ?? []) }));
  return { ...claimRoute(claim, route.metadata.resourceVersion ?? ""), spec: { rules } };
}

/** JSON merge patch: nothing gets traffic. */
export function takeRouteAway(deployment: Routed, claim: RouteClaim, resourceVersion: string): object {
  return setBackends(deployment, { ...claim, revision: null, backends: [] }, resourceVersion);
}

/** What the route should say by the record: every filled slot with its weight, the transformer's Service where there is one. */
export function routeBackends(head: Pick<Head, "id" | "uid" | "slots">): RouteBackend[] {
  return slotNames.flatMap((slot) => {
    const record = head.slots[slot];
    if (!record || record.weight === 0) return [];
    return [{ name: entryName(head, record), weight: record.weight }];
  });
}

/** Whether a route gives the traffic to those to whom the record gives it. */
export function saysAsRecorded(route: KubernetesObject | undefined, head: Pick<Head, "id" | "uid" | "slots">): boolean {
  const [used, recorded] = [route ? backendsInUse(route) : [], routeBackends(head).map(({ name }) => name)];
  return used.toSorted().join() === recorded.toSorted().join();
}

/** What answers requests to a slot: the transformer where there is one. */
export const entryComponent = ({ desired }: { desired: { transformer: number | null } }): Component =>
  desired.transformer === null ? "predictor" : "transformer";

/** The Service of that. */
export function entryName(
  deployment: Pick<Head, "id" | "uid">,
  record: { revision: number; epoch: number; desired: { transformer: number | null } },
): string {
  return workloadName(deployment, entryComponent(record), record.revision, record.epoch);
}

/** The epoch that claimed a route; 0 when it carries none. */
export function epochOf(route: KubernetesObject): number {
  const epoch = Number(route.metadata.annotations?.[epochAnnotation] ?? 0);
  return Number.isSafeInteger(epoch) ? epoch : 0;
}

/** The step that claimed a route, too; 0 when it carries none. */
export function claimOn(route: KubernetesObject): RouteClaim {
  const said = route.metadata.annotations?.[stepAnnotation] ?? 0;
  const step = said === afterAllSteps ? Number.POSITIVE_INFINITY : Number(said);
  return { epoch: epochOf(route), step: Number.isNaN(step) ? 0 : step };
}

/** Names of the Services that a route sends traffic to: what a cleanup must not touch. */
export function backendsInUse(route: KubernetesObject): string[] {
  return referencesOf(route).flatMap(({ name, weight }) => (weight === 0 ? [] : [name]));
}

/** The same with their share of the traffic, in percent. */
export function weightedBackends(route: KubernetesObject): { name: string; weight: number }[] {
  return referencesOf(route).flatMap(({ name, weight = 100 }) => (weight === 0 ? [] : [{ name, weight }]));
}

/** Names of the Services that a route knows and sends nothing to. */
export function backendsOnStandby(route: KubernetesObject): string[] {
  return referencesOf(route).flatMap(({ name, weight }) => (weight === 0 ? [name] : []));
}

interface Reference {
  name: string;
  weight?: number;
}

const referencesOf = (route: KubernetesObject): Reference[] => rulesOf(route).flatMap(({ backendRefs = [] }) => backendRefs);

interface Filter {
  type: string;
  requestHeaderModifier?: { remove: string[] };
}
interface Rule {
  matches?: { headers?: { name: string; value: string }[] }[];
  filters?: Filter[];
  backendRefs?: Reference[];
}

const rulesOf = ({ spec }: KubernetesObject): Rule[] => ((spec ?? {}) as { rules?: Rule[] }).rules ?? [];

/** Selects every object of the deployment, of whatever revision and attempt. */
export function deploymentSelector({ uid }: Pick<Head, "uid">): Record<string, string> {
  return { [labels.uid]: uid };
}

const matchesOf = (deployment: Routed): object[] => [
  {
    path: { type: "PathPrefix", value: endpointPath(deployment.id) },
    headers: Object.entries(admission(deployment)).map(([name, value]) => ({ type: "Exact", name, value })),
  },
];

const requestModifier = "RequestHeaderModifier";
/** A client's token is for the front: whoever wrote the model has no business with it. */
const requestFilters = ({ access }: Pick<Head, "access">): Filter[] =>
  access === "public" ? [] : [{ type: requestModifier, requestHeaderModifier: { remove: ["Authorization"] } }];

function ruleOf(deployment: Routed, state: RouteState): object {
  return {
    matches: matchesOf(deployment),
    filters: [
      { type: "URLRewrite", urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/" } } },
      { type: "ResponseHeaderModifier", responseHeaderModifier: { set: [{ name: routeHeader, value: routeHeaderValue(state) }] } },
      ...requestFilters(deployment),
    ],
    ...(state.backends.length > 0 && {
      backendRefs: state.backends.map(({ name, weight }) => ({ group: "", kind: "Service", name, port: servicePort, weight })),
    }),
  };
}
