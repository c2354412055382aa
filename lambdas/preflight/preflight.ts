import { nodesWith } from "../../domain/capacity.ts";
import { WorkflowError } from "../../domain/errors.ts";
import { type Check, type Finding, failed, passed, unknown } from "../../domain/finding.ts";
import type { Kind, KubernetesObject } from "../../domain/kubernetes.ts";
import {
  artifactFinding,
  capacityFindings,
  gatewayFinding,
  imageFinding,
  type PreflightQuestion,
  quotaFinding,
} from "../../domain/preflight.ts";
import type { Cluster, Clusters } from "../ports/cluster.ts";
import { permissionsFinding } from "./permissions.ts";

export interface PreflightPorts {
  clusters: Clusters;
  /** Ends after so many milliseconds, unless it is told to before. */
  after: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** What is not answered by then is unknown: somebody waits for the findings. */
const patienceMilliseconds = 10_000;

/** Asks the cluster, all at once, and changes nothing there. What could not be asked is a finding too. */
export async function preflight(question: PreflightQuestion, { clusters, after }: PreflightPorts): Promise<Finding[]> {
  const ended = new AbortController();
  const late = after(patienceMilliseconds, ended.signal).then(
    () => {
      throw new Error(`it did not answer within ${patienceMilliseconds / 1000} s`);
    },
    () => new Promise<never>(() => {}),
  );
  const cluster = await clusters(question.deployment.place.cluster);
  const inTime = async (named: Check[], ask: Promise<Finding[]>) =>
    Promise.race([ask, late]).catch((error: Error) => unasked(named, error));
  try {
    return (await Promise.all(questions(question, cluster).map(([named, ask]) => inTime(named, ask)))).flat();
  } finally {
    ended.abort();
  }
}

function questions(question: PreflightQuestion, cluster: Cluster): [Check[], Promise<Finding[]>][] {
  const { namespace } = question.deployment.place;
  const pods = listed(cluster, "Pod", null, slim);
  const nodes = listed(cluster, "Node", null, withoutImages);
  const quotas = listed(cluster, "ResourceQuota", namespace);
  return [
    [["cluster"], reached(question, cluster).then(one)],
    [["quota"], Promise.all([quotas, pods]).then((seen) => [quotaFinding(question, ...seen)])],
    [
      ["capacity", "two_slots"],
      Promise.all([nodes, pods]).then(([all, on]) => capacityFindings(question, { pods: on, nodesWith: (left) => nodesWith(all, left) })),
    ],
    [["image"], pods.then((seen) => [imageFinding(question, seen)])],
    [["artifact"], Promise.resolve([artifactFinding(question)])],
    [["gateway"], gateway(question, cluster).then(one)],
    [["permissions"], permissionsFinding(question, cluster).then(one)],
    [["admission"], Promise.resolve([unknown("admission", notAdmitted)])],
  ];
}

const notAdmitted =
  "only a request to create something is judged by the cluster's admission, and a preflight has no right to create, not even on trial";

const one = (finding: Finding): Finding[] => [finding];

async function listed(cluster: Cluster, kind: Kind, namespace: string | null, keep?: (object: KubernetesObject) => KubernetesObject) {
  return (await cluster.list(kind, { namespace }, keep)).items;
}

/** Of thousands of pods only what is judged. */
function slim({ apiVersion, kind, metadata, spec, status }: KubernetesObject): KubernetesObject {
  const { name = "", namespace = "", labels = {} } = metadata;
  const { nodeName, containers, initContainers, overhead } = spec as Record<string, unknown>;
  const { phase, containerStatuses } = (status ?? {}) as Record<string, unknown>;
  const kept = (list: unknown) =>
    (list as Record<string, unknown>[] | undefined)?.map((each) => ({
      ...{ name: each.name, image: each.image, restartPolicy: each.restartPolicy, resources: each.resources },
    }));
  const own = { nodeName, containers: kept(containers), initContainers: kept(initContainers), overhead };
  return { apiVersion, kind, metadata: { name, namespace, labels }, spec: own, status: { phase, containerStatuses } };
}

function withoutImages({ status, ...node }: KubernetesObject): KubernetesObject {
  const { allocatable, conditions } = (status ?? {}) as Record<string, unknown>;
  return { ...node, status: { allocatable, conditions } };
}

async function reached({ deployment: { place } }: PreflightQuestion, cluster: Cluster): Promise<Finding> {
  try {
    const there = await cluster.get("Namespace", null, place.namespace);
    const namespace = there ? `has the namespace ${place.namespace}` : `gets the namespace ${place.namespace} by the first start in it`;
    return passed("cluster", `the cluster ${place.cluster} answers and ${namespace}`);
  } catch (error) {
    const unreached = error instanceof WorkflowError;
    if (!unreached) throw error;
    return failed(
      "cluster",
      `the cluster ${place.cluster} cannot be asked: ${error.message}`,
      "try again; if it stays, ask who runs the cluster",
    );
  }
}

async function gateway(question: PreflightQuestion, cluster: Cluster): Promise<Finding> {
  const { name, namespace } = question.deployment.place.gateway;
  const found = await cluster.get("Gateway", namespace, name);
  const { gatewayClassName } = (found?.spec ?? {}) as { gatewayClassName?: string };
  return gatewayFinding(question, found, gatewayClassName ? await cluster.get("GatewayClass", null, gatewayClassName) : undefined);
}

/** Not a guess: that it was not asked, and why. */
function unasked(named: Check[], { message }: Error): Finding[] {
  const action = "npm run cluster:bootstrap prints what lets Slipway ask; if that is applied, try again";
  return named.map((check) => unknown(check, `the cluster could not be asked: ${message}`, action));
}
