/** What the API server must know of a kind to serve it. */
export interface KindRule {
  kind: string;
  group: string;
  version: string;
  plural: string;
  namespaced: boolean;
  /** Status is a subresource: writes to the object leave it alone. */
  status: boolean;
  /** `metadata.generation` counts changes of the spec. */
  generation: boolean;
  /** Custom resources carry apiVersion and kind in list items too; built-in ones do not. */
  custom: boolean;
  nameForm: "subdomain" | "label" | "path";
  subresources: string[];
}

type Row = [plural: string, kind: string, traits?: string];

const workload = "namespaced status generation";
const tables: Record<string, Row[]> = {
  "/v1": [
    ["namespaces", "Namespace", "status label"],
    ["nodes", "Node", "status"],
    ["pods", "Pod", workload],
    ["services", "Service", "namespaced status label"],
    ["secrets", "Secret", "namespaced"],
    ["configmaps", "ConfigMap", "namespaced"],
    ["serviceaccounts", "ServiceAccount", "namespaced"],
    ["resourcequotas", "ResourceQuota", "namespaced status"],
    ["events", "Event", "namespaced"],
  ],
  "apps/v1": [
    ["deployments", "Deployment", workload],
    ["replicasets", "ReplicaSet", workload],
  ],
  "autoscaling/v2": [["horizontalpodautoscalers", "HorizontalPodAutoscaler", "namespaced status"]],
  "policy/v1": [["poddisruptionbudgets", "PodDisruptionBudget", workload]],
  "discovery.k8s.io/v1": [["endpointslices", "EndpointSlice", "namespaced generation"]],
  "networking.k8s.io/v1": [["networkpolicies", "NetworkPolicy", "namespaced generation"]],
  "coordination.k8s.io/v1": [["leases", "Lease", "namespaced"]],
  "rbac.authorization.k8s.io/v1": [
    ["clusterroles", "ClusterRole", "path"],
    ["clusterrolebindings", "ClusterRoleBinding", "path"],
    ["roles", "Role", "namespaced path"],
    ["rolebindings", "RoleBinding", "namespaced path"],
  ],
  "gateway.networking.k8s.io/v1": [
    ["gatewayclasses", "GatewayClass", "status generation custom"],
    ["gateways", "Gateway", `${workload} custom`],
    ["httproutes", "HTTPRoute", `${workload} custom`],
  ],
  "flowcontrol.apiserver.k8s.io/v1": [
    ["flowschemas", "FlowSchema", "status generation"],
    ["prioritylevelconfigurations", "PriorityLevelConfiguration", "status generation"],
  ],
  "admissionregistration.k8s.io/v1": [
    ["validatingadmissionpolicies", "ValidatingAdmissionPolicy", "status generation"],
    ["validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", "generation"],
  ],
};

const furtherSubresources: Record<string, string[]> = { pods: ["log", "proxy", "eviction"], services: ["proxy"], deployments: ["scale"] };

function ruleOf(groupVersion: string, [plural, kind, traits = ""]: Row): KindRule {
  const [group = "", version = ""] = groupVersion.split("/");
  const has = (trait: string) => traits.split(" ").includes(trait);
  return {
    kind,
    group,
    version,
    plural,
    namespaced: has("namespaced"),
    status: has("status"),
    generation: has("generation"),
    custom: has("custom"),
    nameForm: has("path") ? "path" : has("label") ? "label" : "subdomain",
    subresources: [...(has("status") ? ["status"] : []), ...(furtherSubresources[plural] ?? [])],
  };
}

export const kindRules: KindRule[] = Object.entries(tables).flatMap(([groupVersion, rows]) => rows.map((row) => ruleOf(groupVersion, row)));

const byKind = new Map(kindRules.map((rule) => [rule.kind, rule]));

/** The rule of a kind that this cluster has; kinds are unique over its groups. */
export function ruleFor(kind: string): KindRule {
  const rule = byKind.get(kind);
  if (!rule) throw new Error(`the local cluster has no kind ${kind}; it has ${[...byKind.keys()].join(", ")}`);
  return rule;
}

export function findRule(group: string, version: string, plural: string): KindRule | undefined {
  return kindRules.find((rule) => rule.group === group && rule.version === version && rule.plural === plural);
}

export function apiVersionOf(rule: KindRule): string {
  return rule.group ? `${rule.group}/${rule.version}` : rule.version;
}
