import { type Node, occupies, type Placing, type PodSpec, place, podAmounts, type Wanted } from "./capacity.ts";
import type { Head } from "./deployment.ts";
import { type Finding, failed, passed, unknown, warned } from "./finding.ts";
import type { KubernetesObject } from "./kubernetes.ts";
import { changeableObjects } from "./manifests/slot.ts";
import { labels } from "./names.ts";
import { desiredOf } from "./operations.ts";
import { type Amounts, difference, parseQuantity, sum, times, written } from "./quantity.ts";
import type { Revision } from "./revision.ts";

/** What a cluster is asked about. */
export interface PreflightQuestion {
  deployment: Pick<Head, "id" | "uid" | "group" | "place">;
  revision: Revision;
  /** Epoch of the slot that has the traffic; null where none has. */
  serving_epoch: number | null;
}

/** The pods that the revision would begin with, by component, as they would be created. */
export function wantedBy({ deployment, revision, serving_epoch }: PreflightQuestion): Wanted[] {
  const desired = desiredOf(revision.specification);
  const record = { revision: revision.revision, epoch: (serving_epoch ?? 0) + 1, desired };
  return changeableObjects({ deployment, slot: "blue", record, revision, secrets: {} })
    .filter(({ kind }) => kind === "Deployment")
    .map(({ metadata, spec }) => {
      const { replicas, template } = spec as { replicas: number; template: { spec: PodSpec } };
      return { component: metadata.labels?.[labels.component] ?? "", count: replicas, spec: template.spec };
    });
}

interface Seen {
  /** Of the whole cluster. */
  pods: KubernetesObject[];
  /** Free is what these pods leave. */
  nodesWith: (pods: KubernetesObject[]) => Node[];
}

/** Whether the instances fit, and whether they do beside what has the traffic, as a rollout without an interruption needs it. */
export function capacityFindings(question: PreflightQuestion, { pods, nodesWith }: Seen): Finding[] {
  const wanted = wantedBy(question);
  const others = pods.filter((pod) => !isOf(question, pod));
  const alone = place(nodesWith(others), wanted);
  return [aloneFinding(wanted, alone), twoSlotsFinding(question, wanted, alone, { pods, nodesWith }, others)];
}

const isOf = ({ deployment }: PreflightQuestion, { metadata }: KubernetesObject): boolean =>
  metadata.labels?.[labels.uid] === deployment.uid;

const isServing = ({ serving_epoch }: PreflightQuestion, { metadata }: KubernetesObject): boolean =>
  serving_epoch !== null && metadata.labels?.[labels.epoch] === String(serving_epoch);

const smaller =
  "give a smaller instance_type or fewer min_replicas, or have nodes added: where nodes are added by themselves, it may fit then";

function aloneFinding(wanted: Wanted[], alone: Placing): Finding {
  if (alone.fits) return passed("capacity", `${counted(wanted)} would fit on the nodes as they are now`);
  const never = "no node could hold one even if it were empty: have such nodes added, or give another instance_type";
  return failed(
    "capacity",
    `${counted(wanted)} would not fit on the nodes as they are now: ${why(alone)}`,
    alone.neverFits ? never : smaller,
  );
}

function twoSlotsFinding(
  question: PreflightQuestion,
  wanted: Wanted[],
  alone: Placing,
  { pods, nodesWith }: Seen,
  others: KubernetesObject[],
) {
  const { strategy } = question.revision.specification.rollout;
  if (strategy === "recreate") return passed("two_slots", "the strategy recreate needs room for one slot only");
  const serving = question.serving_epoch !== null;
  const beside = serving
    ? place(nodesWith(pods.filter((pod) => !isOf(question, pod) || isServing(question, pod))), wanted)
    : place(nodesWith(others), twice(wanted));
  if (beside.fits)
    return passed("two_slots", serving ? "it fits beside what serves now" : "two slots of it fit: a later update needs both");
  const recreate = `give rollout.strategy "recreate", which stops what serves before it starts the next, or have nodes added`;
  const action = alone.fits ? recreate : smaller;
  if (!serving) return warned("two_slots", `an update of it would not fit beside it: ${why(beside)}`, action);
  return failed("two_slots", `it does not fit beside what serves now: ${why(beside)}`, action);
}

const twice = (wanted: Wanted[]): Wanted[] => wanted.map((each) => ({ ...each, count: each.count * 2 }));

function counted(wanted: Wanted[]): string {
  const parts = wanted.map(({ component, count }) => `${count} ${component} instance${count === 1 ? "" : "s"}`);
  return parts.join(" and ");
}

const shownNodes = 5;
function why({ component, placed, obstacles }: Placing): string {
  if (obstacles.length === 0) return "the cluster has no nodes";
  const more = obstacles.length > shownNodes ? `; and ${obstacles.length - shownNodes} more nodes` : "";
  return `there is room for ${placed} of ${component}. Node ${obstacles.slice(0, shownNodes).join("; node ")}${more}`;
}

/** What the namespace's quotas leave, beside all that is there; a recreate gives back first what it takes away. */
export function quotaFinding(question: PreflightQuestion, quotas: KubernetesObject[], pods: KubernetesObject[]): Finding {
  const { namespace } = question.deployment.place;
  const wanted = wantedBy(question);
  const recreates = question.revision.specification.rollout.strategy === "recreate";
  const given = pods.filter((pod) => recreates && isOf(question, pod) && occupies(pod)).map(({ spec }) => counting(spec as PodSpec, 1));
  const asked = difference(wanted.map(({ spec, count }) => counting(spec, count)).reduce(sum, {}), given.reduce(sum, {}));
  const [lacking, notJudged]: [string[], string[]] = [[], []];
  for (const quota of quotas) judge(quota, { ...asked, ...objectsOf(wanted) }, lacking, notJudged);
  if (lacking.length > 0)
    return failed(
      "quota",
      `the namespace ${namespace} has not enough left: ${lacking.join("; ")}`,
      "ask who runs the cluster for more, or stop what is not needed",
    );
  if (notJudged.length > 0) return unknown("quota", `what was judged suffices; not judged: ${notJudged.join("; ")}`);
  return passed(
    "quota",
    quotas.length === 0 ? `the namespace ${namespace} has no quota yet` : `the quota of the namespace ${namespace} suffices`,
  );
}

/** By the names that quotas give them. */
function counting(spec: PodSpec, count: number): Amounts {
  const named = (which: "requests" | "limits") =>
    Object.entries(podAmounts(spec, which)).map(([name, amount]) => [`${which}.${name}`, amount]);
  return times({ pods: 1, ...Object.fromEntries([...named("requests"), ...named("limits")]) }, count);
}

const objectsOf = (wanted: Wanted[]): Amounts =>
  Object.fromEntries(
    ["services", "deployments.apps", "replicasets.apps", "horizontalpodautoscalers.autoscaling"].map((name) => [
      `count/${name}`,
      wanted.length,
    ]),
  );

const otherwiseCalled: Readonly<Record<string, string>> = {
  ...{ "count/pods": "pods", services: "count/services" },
  ...{ cpu: "requests.cpu", memory: "requests.memory", "ephemeral-storage": "requests.ephemeral-storage" },
};

function judge({ metadata, spec, status }: KubernetesObject, asked: Amounts, lacking: string[], notJudged: string[]): void {
  const { scopes, scopeSelector } = (spec ?? {}) as { scopes?: unknown[]; scopeSelector?: unknown };
  const { hard, used = {} } = (status ?? {}) as { hard?: Record<string, string>; used?: Record<string, string> };
  if (scopes || scopeSelector) return void notJudged.push(`${metadata.name} is for some pods only`);
  if (!hard) return void notJudged.push(`${metadata.name} has not been counted yet`);
  for (const [name, most] of Object.entries(hard)) {
    const amount = asked[otherwiseCalled[name] ?? name] ?? 0;
    const left = parseQuantity(most) - parseQuantity(used[name] ?? "0");
    if (amount > 0 && amount > left)
      lacking.push(`${metadata.name} leaves ${written(name, left)} of ${most} ${name}, asked for ${written(name, amount)}`);
  }
}

interface Conditions {
  conditions?: { type: string; status: string; message?: string; reason?: string }[];
}

/** Whether routes would be served: the Gateway by its own conditions, and its class. */
export function gatewayFinding({ deployment }: PreflightQuestion, gateway?: KubernetesObject, gatewayClass?: KubernetesObject): Finding {
  const { name, namespace } = deployment.place.gateway;
  const admin = "ask who runs the cluster: npm run cluster:bootstrap prints the Gateway that it must have";
  if (!gateway) return failed("gateway", `the cluster has no Gateway ${namespace}/${name}`, admin);
  const className = (gateway.spec as { gatewayClassName?: string }).gatewayClassName ?? "";
  if (!gatewayClass) return failed("gateway", `the Gateway's class ${className} is not in the cluster`, admin);
  const needs = [
    [`the GatewayClass ${className}`, gatewayClass, "Accepted"],
    [`the Gateway ${namespace}/${name}`, gateway, "Accepted"],
    [`the Gateway ${namespace}/${name}`, gateway, "Programmed"],
  ] as const;
  for (const [what, object, type] of needs) {
    const found = ((object.status ?? {}) as Conditions).conditions?.find((condition) => condition.type === type);
    if (found?.status === "True") continue;
    if (!found || found.status === "Unknown") return unknown("gateway", `${what} does not say whether it is ${type}`, admin);
    return failed("gateway", `${what} is not ${type}: ${found.reason ?? ""} ${found.message ?? ""}`.trim(), admin);
  }
  return passed("gateway", `the Gateway ${namespace}/${name} of class ${className} is accepted and programmed`);
}

/** No registry is asked: what a node of this cluster has pulled for this namespace is all that is known. */
export function imageFinding({ deployment, revision }: PreflightQuestion, pods: KubernetesObject[]): Finding {
  const { predictor, transformer } = revision.resolved;
  const images = [...new Set([predictor.image, ...(transformer ? [transformer.image] : [])])];
  const pulled = new Set(pods.filter(({ metadata }) => metadata.namespace === deployment.place.namespace).flatMap(pulledBy));
  const never = images.filter((image) => !pulled.has(image));
  if (never.length === 0) return passed("image", `nodes of this cluster run ${images.join(" and ")} in this namespace now`);
  const action = `make sure that the cluster's nodes can pull ${never.join(" and ")}, with the image_pull_secret where one is needed`;
  return unknown(
    "image",
    "only a node that pulls an image knows whether it can, and none has pulled this one for what runs here now",
    action,
  );
}

/** Images as they were asked for, whose bytes a node has. */
function pulledBy({ spec, status }: KubernetesObject): string[] {
  const { containerStatuses = [] } = (status ?? {}) as { containerStatuses?: { name: string; imageID?: string }[] };
  const { containers } = spec as { containers: { name: string; image: string }[] };
  return containers.filter(({ name }) => containerStatuses.some((one) => one.name === name && one.imageID)).map(({ image }) => image);
}

/** Only the group's own identity, which pods have, may read artifacts: Slipway's functions have no right to. */
export function artifactFinding({ revision }: PreflightQuestion): Finding {
  const uri = revision.resolved.predictor.artifact_uri;
  const scripts = [revision.specification.predictor, revision.specification.transformer].flatMap((each) => each?.script_uri ?? []);
  const named = [...new Set([...(uri ? [uri] : []), ...scripts])];
  if (named.length === 0) return passed("artifact", "the image brings the model with it: there is no artifact to reach");
  const reason = "artifacts are read by the group's own identity, which only its instances have: Slipway's functions may not read them";
  return unknown(
    "artifact",
    `${named.join(" and ")} was not asked for: ${reason}`,
    "make sure that it is there and that the group's role may read it",
  );
}
