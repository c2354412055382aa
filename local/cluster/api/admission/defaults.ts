import { qosClass } from "../../objects/pod-resources.ts";
import type { Draft, Resource } from "../../objects/resource.ts";
import type { Container, Deployment, Pod, PodSpec, Service } from "../../objects/workloads.ts";
import { defaultGatewayObject } from "./gateway-defaults.ts";

/** Fills in what a client would see filled in, in place: `draft` is the server's own copy. */
export function setDefaults(draft: Draft): void {
  const object = draft as Resource;
  if (object.kind === "Pod") defaultPod(object as Pod);
  else if (object.kind === "Deployment" || object.kind === "ReplicaSet") defaultWorkload(object as Deployment);
  else if (object.kind === "Service") defaultService(object as Service);
  else if (object.kind === "Secret") defaultSecret(object);
  else if (object.kind === "Namespace") defaultNamespace(object);
  else if (object.kind === "HorizontalPodAutoscaler") defaultAutoscaler(object);
  else if (object.kind === "RoleBinding" || object.kind === "ClusterRoleBinding") defaultBinding(object);
  else defaultGatewayObject(object);
}

function defaultPod(pod: Pod): void {
  const { spec } = pod;
  if (!Array.isArray(spec?.containers)) return;
  defaultPodSpec(spec);
  spec.serviceAccountName ??= "default";
  spec.serviceAccount ??= spec.serviceAccountName;
  spec.enableServiceLinks ??= true;
  spec.priority ??= 0;
  spec.preemptionPolicy ??= "PreemptLowerPriority";
  spec.tolerations = [...(spec.tolerations ?? []), ...["not-ready", "unreachable"].map(toleration)];
  pod.status = { phase: "Pending", qosClass: qosClass(spec) };
}

function toleration(taint: string) {
  return { key: `node.kubernetes.io/${taint}`, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 };
}

function defaultPodSpec(spec: PodSpec): void {
  spec.restartPolicy ??= "Always";
  spec.terminationGracePeriodSeconds ??= 30;
  spec.dnsPolicy ??= "ClusterFirst";
  spec.securityContext ??= {};
  spec.schedulerName ??= "default-scheduler";
  for (const volume of spec.volumes ?? []) {
    const sources = volume as unknown as Record<string, { defaultMode?: number } | undefined>;
    if (Object.keys(volume).length === 1) sources.emptyDir = {};
    if (sources.secret) sources.secret.defaultMode ??= 420;
    if (sources.configMap) sources.configMap.defaultMode ??= 420;
  }
  for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) defaultContainer(container);
}

function defaultContainer(container: Container): void {
  container.terminationMessagePath ??= "/dev/termination-log";
  container.terminationMessagePolicy ??= "File";
  container.imagePullPolicy ??= /(:latest|^[^:@]+|\/[^:@]+)$/.test(container.image ?? "") ? "Always" : "IfNotPresent";
  container.resources ??= {};
  const { limits } = container.resources;
  if (limits) container.resources.requests = { ...limits, ...container.resources.requests };
  for (const port of container.ports ?? []) port.protocol ??= "TCP";
  for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
    if (!probe) continue;
    probe.timeoutSeconds ??= 1;
    probe.periodSeconds ??= 10;
    probe.successThreshold ??= 1;
    probe.failureThreshold ??= 3;
    if (probe.httpGet) {
      probe.httpGet.scheme ??= "HTTP";
      probe.httpGet.path ??= "/";
    }
  }
}

function defaultWorkload(object: Deployment): void {
  if (!object.spec) return;
  object.spec.replicas ??= 1;
  const template = object.spec.template as { metadata?: object; spec?: PodSpec } | undefined;
  if (template) template.metadata ??= {};
  if (Array.isArray(template?.spec?.containers)) defaultPodSpec(template.spec);
  if (object.kind === "ReplicaSet") return;
  object.spec.strategy ??= { type: "RollingUpdate" };
  object.spec.strategy.type ??= "RollingUpdate";
  if (object.spec.strategy.type === "RollingUpdate") {
    object.spec.strategy.rollingUpdate = { maxUnavailable: "25%", maxSurge: "25%", ...object.spec.strategy.rollingUpdate };
  }
  object.spec.revisionHistoryLimit ??= 10;
  object.spec.progressDeadlineSeconds ??= 600;
}

function defaultService(service: Service): void {
  const spec = service.spec as Service["spec"] & Record<string, unknown>;
  if (!spec) return;
  spec.type ??= "ClusterIP";
  spec.sessionAffinity ??= "None";
  spec.ipFamilies ??= ["IPv4"];
  spec.ipFamilyPolicy ??= "SingleStack";
  spec.internalTrafficPolicy ??= "Cluster";
  for (const port of spec.ports ?? []) {
    port.protocol ??= "TCP";
    port.targetPort ??= port.port;
  }
  service.status = { loadBalancer: {} };
}

function defaultSecret(secret: Resource): void {
  secret.type ??= "Opaque";
  const plain = Object.entries((secret.stringData ?? {}) as Record<string, string>);
  if (plain.length > 0) {
    const encoded = plain.map(([key, value]) => [key, Buffer.from(value).toString("base64")]);
    secret.data = { ...(secret.data as object), ...Object.fromEntries(encoded) };
  }
  delete secret.stringData;
}

function defaultNamespace(namespace: Resource): void {
  namespace.metadata.labels = { ...namespace.metadata.labels, "kubernetes.io/metadata.name": namespace.metadata.name };
  namespace.spec = { finalizers: ["kubernetes"] };
  namespace.status = { phase: "Active" };
}

function defaultAutoscaler(autoscaler: Resource): void {
  const spec = autoscaler.spec as Record<string, unknown> | undefined;
  if (!spec) return;
  spec.minReplicas ??= 1;
  spec.metrics ??= [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } }];
  const behavior = spec.behavior as { scaleUp?: object; scaleDown?: object } | undefined;
  if (!behavior) return;
  behavior.scaleUp = {
    stabilizationWindowSeconds: 0,
    selectPolicy: "Max",
    policies: [
      { type: "Pods", value: 4, periodSeconds: 15 },
      { type: "Percent", value: 100, periodSeconds: 15 },
    ],
    ...behavior.scaleUp,
  };
  behavior.scaleDown = { selectPolicy: "Max", policies: [{ type: "Percent", value: 100, periodSeconds: 15 }], ...behavior.scaleDown };
}

function defaultBinding(binding: Resource): void {
  const roleRef = binding.roleRef as Record<string, string> | undefined;
  if (roleRef) roleRef.apiGroup ??= "rbac.authorization.k8s.io";
  for (const subject of (binding.subjects ?? []) as Record<string, string>[]) {
    if (subject.kind !== "ServiceAccount") subject.apiGroup ??= "rbac.authorization.k8s.io";
  }
}
