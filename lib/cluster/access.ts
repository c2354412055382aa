import { accessGroups } from "../../domain/access-groups.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

const rule = (apiGroup: string, resources: string[], verbs: string[]): Rule => ({ apiGroups: [apiGroup], resources, verbs });
const looking = ["get", "list", "watch"];

/** What a deployment is made of and what the cluster says of it. No Secret is in it. */
const looks: Rule[] = [
  rule("", ["namespaces", "services", "pods", "events"], looking),
  rule("apps", ["deployments", "replicasets"], looking),
  rule("autoscaling", ["horizontalpodautoscalers"], looking),
  rule("policy", ["poddisruptionbudgets"], looking),
  rule("discovery.k8s.io", ["endpointslices"], looking),
  rule("gateway.networking.k8s.io", ["httproutes"], looking),
];

/** Exactly what each group may do (RBAC). */
const rules: Record<keyof typeof accessGroups, Rule[]> = {
  reader: [...looks, rule("", ["pods/log"], ["get"])],
  writer: [
    ...looks,
    // A group's namespace is made from a fixed template when its first deployment starts.
    rule("", ["namespaces", "serviceaccounts", "resourcequotas"], ["get", "create"]),
    // The one thing of it that a later build may make otherwise.
    rule("networking.k8s.io", ["networkpolicies"], ["get", "create", "patch"]),
    // What a revision runs as is created once and never changed.
    rule("apps", ["deployments"], ["create", "delete"]),
    rule("", ["services"], ["create", "delete"]),
    rule("policy", ["poddisruptionbudgets"], ["create", "delete"]),
    // Secret values go in and never come out.
    rule("", ["secrets"], ["create", "delete"]),
    // The two that move: the route with its weights, and the autoscaler's lower bound.
    rule("autoscaling", ["horizontalpodautoscalers"], ["create", "patch", "delete"]),
    rule("gateway.networking.k8s.io", ["httproutes"], ["create", "patch", "delete"]),
  ],
  // It has no right to make anything: what is asked by a create is a question that is never stored.
  preflight: [
    rule("", ["namespaces", "resourcequotas"], ["get", "list"]),
    rule("", ["nodes", "pods"], ["list"]),
    rule("gateway.networking.k8s.io", ["gateways", "gatewayclasses"], ["get"]),
    rule("authorization.k8s.io", ["subjectaccessreviews"], ["create"]),
  ],
  prober: [
    rule("", ["services"], ["get"]),
    // Smoke tests carry any method of HTTP: the API server makes a verb of it.
    rule("", ["services/proxy"], ["get", "create", "update", "patch", "delete"]),
    // What each replica of the gateway has counted.
    rule("discovery.k8s.io", ["endpointslices"], ["get", "list"]),
    rule("", ["pods/proxy"], ["get"]),
  ],
};

/** What any of the groups may write. Whoever asks through the API server's proxy writes nothing of the cluster's. */
export const writes: readonly Rule[] = Object.values(rules)
  .flat()
  .map(({ resources, verbs, ...rest }) => ({
    ...rest,
    resources: resources.filter((resource) => !resource.endsWith("/proxy")),
    verbs: verbs.filter((verb) => !looking.includes(verb)),
  }))
  .filter(({ resources, verbs }) => resources.length > 0 && verbs.length > 0);

export function clusterRoles(): KubernetesObject[] {
  return Object.entries(accessGroups).flatMap(([role, group]) => [
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: group },
      rules: rules[role as keyof typeof rules],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: group },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: group },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: group }],
    },
  ]);
}

/** Our requests wait in a queue of their own: neither pushed aside by other clients nor pushing them aside. */
export function flowControl(): KubernetesObject[] {
  const apiVersion = "flowcontrol.apiserver.k8s.io/v1";
  const everything = { apiGroups: ["*"], resources: ["*"], verbs: ["*"], clusterScope: true, namespaces: ["*"] };
  const subjects = Object.values(accessGroups).map((name) => ({ kind: "Group", group: { name } }));
  return [
    {
      apiVersion,
      kind: "PriorityLevelConfiguration",
      metadata: { name: "slipway" },
      spec: {
        type: "Limited",
        limited: {
          nominalConcurrencyShares: 20,
          limitResponse: { type: "Queue", queuing: { queues: 16, handSize: 4, queueLengthLimit: 50 } },
        },
      },
    },
    {
      apiVersion,
      kind: "FlowSchema",
      metadata: { name: "slipway" },
      spec: {
        priorityLevelConfiguration: { name: "slipway" },
        matchingPrecedence: 1000,
        distinguisherMethod: { type: "ByUser" },
        rules: [{ subjects, resourceRules: [everything] }],
      },
    },
  ];
}
