import type { KubernetesObject } from "../kubernetes.ts";
import { fixedSizeAnnotation, metricsAnnotation, serverPortName, servicePort } from "../names.ts";
import { type Component, components } from "../words.ts";
import { secretNames } from "./environment.ts";
import { desiredOf, metadataOf, nameOf, type Placement, selectorOf } from "./placement.ts";
import { podTemplate } from "./pod.ts";
import { entryComponent } from "./route.ts";
import { isFixed, scalerObject } from "./scaler.ts";
import { reportedPlace, type ServedComponent, servedComponent } from "./server.ts";

/**
 * Everything that a revision runs as in a slot, in the order in which it is to be created: what a pod refers to comes
 * before the pod. Created once and never changed; the names carry revision and epoch. Throws RangeError when a secret
 * value is missing or the catalogue has lost what the revision names.
 */
export function slotObjects(placement: Placement): KubernetesObject[] {
  return components.flatMap((component) => {
    const served = servedComponent(placement.revision, component);
    return served ? componentObjects(placement, component, served) : [];
  });
}

/** Those of them that the API lets anybody change, and that are not to be: no secret value is needed for them. */
export function changeableObjects(placement: Placement): KubernetesObject[] {
  return components.flatMap((component) => {
    const served = servedComponent(placement.revision, component);
    if (!served) return [];
    return [deploymentObject(placement, component, served), ...scalerObjects(placement, component, served)];
  });
}

function componentObjects(placement: Placement, component: Component, served: ServedComponent): KubernetesObject[] {
  const { env } = served.specification;
  const several = desiredOf(placement, component) > 1;
  return [
    serviceObject(placement, component, served),
    ...(secretNames(env).length > 0 ? [secretObject(placement, component, secretNames(env))] : []),
    deploymentObject(placement, component, served),
    ...(several ? [disruptionBudget(placement, component)] : []),
    ...scalerObjects(placement, component, served),
  ];
}

/** None where there is one size. */
function scalerObjects(
  placement: Placement,
  component: Component,
  { specification: { scaling_config } }: ServedComponent,
): KubernetesObject[] {
  return isFixed(scaling_config) ? [] : [scalerObject(placement, component, scaling_config)];
}

/** The operation's deadline speaks first: it says what was being waited for. The Deployment's is for what nobody follows any more. */
const afterTheOperations = 10;

function deploymentObject(placement: Placement, component: Component, served: ServedComponent): KubernetesObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      ...metadataOf(placement, component),
      ...(isFixed(served.specification.scaling_config) && { annotations: { [fixedSizeAnnotation]: "true" } }),
    },
    spec: {
      // The size to start with; from then on it is the autoscaler's to change.
      replicas: desiredOf(placement, component),
      revisionHistoryLimit: 0,
      progressDeadlineSeconds: placement.revision.specification.rollout.deadline_seconds + afterTheOperations,
      selector: { matchLabels: selectorOf(placement, component) },
      template: podTemplate(placement, component, served),
    },
  };
}

/**
 * Gateway and API server reach the slot through its endpoints: an address for it would be one more thing that the API server
 * makes for one Service after another. A transformer asks its predictor by name and port, for which it has to have one.
 */
function serviceObject(placement: Placement, component: Component, served: ServedComponent): KubernetesObject {
  // What collects goes by it, and asks nobody else.
  const reported = reportedPlace(served);
  const isEntry = component === entryComponent(placement.record);
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      ...metadataOf(placement, component),
      ...(reported && { annotations: { [metricsAnnotation]: JSON.stringify(reported) } }),
    },
    spec: {
      type: "ClusterIP",
      ...(isEntry && { clusterIP: "None" }),
      selector: selectorOf(placement, component),
      ports: [{ name: serverPortName, port: servicePort, targetPort: serverPortName }],
    },
  };
}

/** One replica has no budget: it would block the drain of its node for ever. */
function disruptionBudget(placement: Placement, component: Component): KubernetesObject {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: metadataOf(placement, component),
    spec: {
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: "AlwaysAllow",
      selector: { matchLabels: selectorOf(placement, component) },
    },
  };
}

/**
 * What Kubernetes removes an object with, however late it was made: a Secret with its Service, for nobody may list Secrets;
 * what steers a Deployment with that. A Deployment is nobody's: whoever deletes a Service by hand does not end what serves.
 */
export const ownerOf = ({ kind }: KubernetesObject): "Service" | "Deployment" | undefined =>
  kind === "Secret" ? "Service" : kind === "HorizontalPodAutoscaler" || kind === "PodDisruptionBudget" ? "Deployment" : undefined;

export function ownedBy(object: KubernetesObject, { apiVersion, kind, metadata: { name, uid } }: KubernetesObject): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, ownerReferences: [{ apiVersion, kind, name, uid }] } };
}

function secretObject(placement: Placement, component: Component, names: string[]): KubernetesObject {
  const values = placement.secrets[component] ?? {};
  const missing = names.filter((name) => !Object.hasOwn(values, name));
  if (missing.length > 0) {
    throw new RangeError(
      `${nameOf(placement, component)} has no value for ${missing.join(", ")}: give the secret env variables of ${component} their values again`,
    );
  }
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: metadataOf(placement, component),
    type: "Opaque",
    immutable: true,
    data: Object.fromEntries(names.map((name) => [name, Buffer.from(values[name] ?? "", "utf8").toString("base64")])),
  };
}
