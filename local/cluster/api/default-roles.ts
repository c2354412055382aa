import type { Draft } from "../objects/resource.ts";

const labels = { "kubernetes.io/bootstrapping": "rbac-defaults" };
const rbac = "rbac.authorization.k8s.io";

function clusterRole(name: string, rules: object[]): Draft {
  return { apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata: { name, labels }, rules };
}

function binding(name: string, role: string, groups: string[]): Draft {
  return {
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name, labels },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: role },
    subjects: groups.map((group) => ({ apiGroup: rbac, kind: "Group", name: group })),
  };
}

const namespace = (name: string): Draft => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });

/** What a new cluster has before anybody installs anything, as far as it matters here. */
export const defaultObjects: Draft[] = [
  namespace("default"),
  namespace("kube-system"),
  clusterRole("cluster-admin", [
    { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
    { nonResourceURLs: ["*"], verbs: ["*"] },
  ]),
  binding("cluster-admin", "cluster-admin", ["system:masters"]),
  clusterRole("system:basic-user", [{ apiGroups: ["authorization.k8s.io"], resources: ["selfsubjectaccessreviews"], verbs: ["create"] }]),
  binding("system:basic-user", "system:basic-user", ["system:authenticated"]),
  clusterRole("system:discovery", [
    { nonResourceURLs: ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/readyz", "/version", "/version/"], verbs: ["get"] },
  ]),
  binding("system:discovery", "system:discovery", ["system:authenticated"]),
  clusterRole("system:public-info-viewer", [
    { nonResourceURLs: ["/healthz", "/livez", "/readyz", "/version", "/version/"], verbs: ["get"] },
  ]),
  binding("system:public-info-viewer", "system:public-info-viewer", ["system:authenticated", "system:unauthenticated"]),
];
