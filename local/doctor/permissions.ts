import { accessGroups } from "../../domain/access-groups.ts";
import { bootstrapObjects } from "../../lib/cluster/bootstrap.ts";
import type { KubernetesApi, KubernetesObject } from "../kubeconfig/api.ts";
import { gatewayToMake } from "../kubeconfig/gateway.ts";
import { broken, type Finding, fine } from "./finding.ts";

interface Right {
  verb: string;
  group: string;
  resource: string;
  name?: string;
  namespace?: string;
}

/** What the kubeconfig's user does for Slipway: sets it up, and makes the functions' requests as them. */
const own: Right[] = [
  ...["users", "groups"].map((resource) => ({ verb: "impersonate", group: "", resource })),
  ...Object.values(accessGroups).map((name) => ({ verb: "impersonate", group: "", resource: "groups", name })),
  ...rightsOn("rbac.authorization.k8s.io", ["clusterroles", "clusterrolebindings"], ["get", "create", "patch", "delete"]),
  ...["escalate", "bind"].map((verb) => ({ verb, group: "rbac.authorization.k8s.io", resource: "clusterroles" })),
  ...rightsOn(
    "admissionregistration.k8s.io",
    ["validatingadmissionpolicies", "validatingadmissionpolicybindings"],
    ["get", "create", "patch", "delete"],
  ),
  ...rightsOn("flowcontrol.apiserver.k8s.io", ["flowschemas", "prioritylevelconfigurations"], ["get", "create", "patch", "delete"]),
  ...rightsOn("gateway.networking.k8s.io", ["gatewayclasses"], ["get", "list"]),
  ...rightsOn("gateway.networking.k8s.io", ["gateways"], ["get", "create", "patch", "delete"]),
  ...rightsOn("coordination.k8s.io", ["leases"], ["get", "create", "patch", "delete"]),
  ...rightsOn("", ["namespaces"], ["get", "list", "create", "delete"]),
  ...rightsOn("", ["services", "nodes"], ["list"]),
  ...rightsOn("discovery.k8s.io", ["endpointslices"], ["list"]),
  ...rightsOn("", ["pods"], ["get", "list", "watch"]),
  { verb: "get", group: "", resource: "pods/log" },
];

function rightsOn(group: string, resources: string[], verbs: string[]): Right[] {
  return resources.flatMap((resource) => verbs.map((verb) => ({ verb, group, resource })));
}

const titled = ({ verb, group, resource, name }: Right): string =>
  `${verb} ${resource}${group ? `.${group}` : ""}${name ? ` ${name}` : ""}`;

/** Each verb by itself (SelfSubjectAccessReview). */
export async function ownRights(api: KubernetesApi): Promise<Finding> {
  const refused = await notAllowed(own, (right) => review(api, "selfsubjectaccessreviews", "SelfSubjectAccessReview", right, {}));
  if (refused.length === 0)
    return fine("permissions", `the kubeconfig's user may do all that Slipway needs of it (${own.length} rights asked)`);
  const how = "give the user these rights, or take a context whose user is cluster-admin";
  return broken("permissions", `the kubeconfig's user may not ${refused.map(titled).join(", ")}`, how);
}

interface ClusterRole extends KubernetesObject {
  rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
}

/** Each right that the bootstrap gives the functions' groups (SubjectAccessReview). */
export async function functionRights(api: KubernetesApi): Promise<Finding> {
  const objects = bootstrapObjects({ gateway: gatewayToMake("any", {}) }) as KubernetesObject[];
  const roles = objects.filter(({ kind }) => kind === "ClusterRole") as ClusterRole[];
  const rights = roles.flatMap(({ metadata, rules }) =>
    rules.flatMap(({ apiGroups, resources, verbs }) =>
      rightsOn(apiGroups[0] ?? "", resources, verbs).map((right) => ({ ...right, of: metadata.name })),
    ),
  );
  const refused = await notAllowed(rights, ({ of, ...right }) =>
    review(api, "subjectaccessreviews", "SubjectAccessReview", right, { groups: [of] }),
  );
  if (refused.length === 0) return fine("roles", `Slipway's groups may do what the bootstrap gives them (${rights.length} rights asked)`);
  const missing = refused.map((right) => `${right.of}: ${titled(right)}`);
  const shown = missing.length > 5 ? `${missing.slice(0, 5).join("; ")}; and ${missing.length - 5} more` : missing.join("; ");
  return broken(
    "roles",
    `not allowed to ${shown}`,
    "start npm start -- --kubeconfig FILE and say yes to what it shows; on EKS apply npm run cluster:bootstrap",
  );
}

async function notAllowed<R extends Right>(rights: R[], ask: (right: R) => Promise<boolean>): Promise<R[]> {
  const answers = await Promise.all(rights.map(ask));
  return rights.filter((_, index) => !answers[index]);
}

async function review(api: KubernetesApi, plural: string, kind: string, right: Right, whose: object): Promise<boolean> {
  const [resource, subresource] = right.resource.split("/");
  const { status } = await api.create<KubernetesObject & { status?: { allowed?: boolean } }>(`/apis/authorization.k8s.io/v1/${plural}`, {
    ...{ apiVersion: "authorization.k8s.io/v1", kind },
    spec: { ...whose, resourceAttributes: { ...right, resource, ...(subresource && { subresource }) } },
  });
  return status?.allowed === true;
}
