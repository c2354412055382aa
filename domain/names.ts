import type { KubernetesObject } from "./kubernetes.ts";
import type { Component } from "./words.ts";

/**
 * Every name that Slipway gives to a Kubernetes object. Read from the right a name tells its parts apart (epoch,
 * component and revision, six characters of the uid), so two deployments, revisions or attempts never share one.
 * A workload name is at most 46 characters: the Deployment controller adds at most 17 more, and pod names stay whole.
 */

const idLength = 24;
const uidLength = 6;
const nameLimit = 63;

export interface NamedDeployment {
  id: string;
  uid: string;
}

/** Deployment, Service, HPA, PDB and Secret of one component of one revision in one attempt. At most 46 characters. */
export function workloadName(deployment: NamedDeployment, component: Component, revision: number, epoch: number): string {
  return `${routeName(deployment)}-${component === "predictor" ? "p" : "t"}${revision}-${epoch}`;
}

/** The deployment's one HTTPRoute. At most 31 characters. */
export function routeName({ id, uid }: NamedDeployment): string {
  return `${id.slice(0, idLength)}-${uid.slice(-uidLength).toLowerCase()}`;
}

/**
 * Whether an object is a deployment's: by its label, and where the deployment lives. Labels can be copied into any
 * namespace: what lies elsewhere serves nobody.
 */
export const isOf =
  ({ uid, place }: { uid: string; place: { namespace: string } }) =>
  ({ metadata }: KubernetesObject): boolean =>
    metadata.namespace === place.namespace && metadata.labels?.[labels.uid] === uid;

/** Namespace of a group's deployments in an environment. Environments have no hyphen, so the parts never run together. */
export function namespaceName(prefix: string, group: string, environment: string): string {
  const name = `${prefix}-${group}-${environment}`;
  if (name.length > nameLimit) {
    throw new RangeError(
      `namespace ${name} would have ${name.length} characters, Kubernetes allows ${nameLimit}: shorten the namespace prefix or the environment's name`,
    );
  }
  return name;
}

/** Selects what belongs to one deployment, and by `epoch` to one attempt of it. */
export function ownLabels(deployment: NamedDeployment & { group: string }): Record<string, string> {
  return {
    [labels.managedBy]: managedBy,
    [labels.uid]: deployment.uid,
    [labels.deployment]: deployment.id,
    [labels.group]: deployment.group,
  };
}

export const managedBy = "slipway";
export const labels = {
  managedBy: "app.kubernetes.io/managed-by",
  uid: "slipway.dev/uid",
  deployment: "slipway.dev/deployment",
  group: "slipway.dev/group",
  revision: "slipway.dev/revision",
  epoch: "slipway.dev/epoch",
  slot: "slipway.dev/slot",
  component: "slipway.dev/component",
} as const;

/** On the HTTPRoute, and on autoscalers: the newest epoch that claimed it. */
export const epochAnnotation = "slipway.dev/epoch";
/** On the HTTPRoute, beside it: the newest step of that epoch's operation that wrote to it. */
export const stepAnnotation = "slipway.dev/step";

/** On what is there for a whole group: by which template it was made, since a later build may make it otherwise. */
export const templateAnnotation = "slipway.dev/template";

/** On a Deployment that has one size and no autoscaler. */
export const fixedSizeAnnotation = "slipway.dev/fixed-size";

/** On the Service of a component whose servers tell values of their own: where, and which are kept. */
export const metricsAnnotation = "slipway.dev/metrics";

/** Of every pod that Slipway runs, one in each namespace. */
export const serviceAccount = "model-server";

export const storageInitializerContainer = "storage-initializer";
/** Of the server's container port, in probes and Services. */
export const serverPortName = "http";
export const servicePort = 80;
