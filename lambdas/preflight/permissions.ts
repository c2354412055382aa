import { accessGroups } from "../../domain/access-groups.ts";
import { type Finding, failed, passed } from "../../domain/finding.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import type { PreflightQuestion } from "../../domain/preflight.ts";
import type { Cluster } from "../ports/cluster.ts";

interface Right {
  by: keyof typeof accessGroups;
  verb: string;
  group: string;
  resource: string;
  subresource?: string;
}

/** Without these no deployment comes to serve; the bootstrap gives these and more. */
const rights: Right[] = [
  { by: "writer", verb: "create", group: "", resource: "namespaces" },
  { by: "writer", verb: "create", group: "apps", resource: "deployments" },
  { by: "writer", verb: "create", group: "", resource: "services" },
  { by: "writer", verb: "create", group: "", resource: "secrets" },
  { by: "writer", verb: "create", group: "autoscaling", resource: "horizontalpodautoscalers" },
  { by: "writer", verb: "create", group: "gateway.networking.k8s.io", resource: "httproutes" },
  { by: "writer", verb: "patch", group: "gateway.networking.k8s.io", resource: "httproutes" },
  { by: "reader", verb: "watch", group: "", resource: "pods" },
  { by: "prober", verb: "get", group: "", resource: "services", subresource: "proxy" },
];

/** The API server is asked what the groups may do in the namespace; which functions are in them, AWS knows alone. */
export async function permissionsFinding({ deployment }: PreflightQuestion, cluster: Cluster): Promise<Finding> {
  const { namespace } = deployment.place;
  const allowed = await Promise.all(rights.map((right) => mayDo(right, namespace, cluster)));
  const missing = rights.filter((_, index) => !allowed[index]).map(inWords);
  if (missing.length === 0)
    return passed(
      "permissions",
      `Slipway's groups may do what a deployment needs (${rights.length} rights asked); that its functions are in them is not asked`,
    );
  const action = "apply what npm run cluster:bootstrap prints to the cluster";
  return failed("permissions", `not allowed in the namespace ${namespace}: ${missing.join(", ")}`, action);
}

async function mayDo({ by, verb, group, resource, subresource }: Right, namespace: string, cluster: Cluster): Promise<boolean> {
  const asked = { verb, group, resource, ...(subresource && { subresource }), ...(resource !== "namespaces" && { namespace }) };
  const { status } = await cluster.create<KubernetesObject>({
    apiVersion: "authorization.k8s.io/v1",
    kind: "SubjectAccessReview",
    metadata: {},
    spec: { groups: [accessGroups[by]], resourceAttributes: asked },
  });
  return (status as { allowed?: boolean } | undefined)?.allowed === true;
}

const inWords = ({ by, verb, group, resource, subresource }: Right): string =>
  `${accessGroups[by]} cannot ${verb} ${group ? `${group}/` : ""}${resource}${subresource ? `/${subresource}` : ""}`;
