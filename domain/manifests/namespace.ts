import { containerPort, serverMetricsPort } from "../catalogue/servers.ts";
import type { KubernetesObject } from "../kubernetes.ts";
import { labels, managedBy, serviceAccount, templateAnnotation } from "../names.ts";
import type { ClusterPlace } from "../place.ts";

export interface NamespaceTemplate {
  place: Pick<ClusterPlace, "namespace" | "gateway" | "api_server_cidrs">;
  group: string;
  /** Pods of the group in this environment, at most; twice what is served, so that a second slot always fits. */
  pods?: number;
}

/** The fixed template of a group's namespace, in the order of creation. */
export function namespaceObjects(template: NamespaceTemplate): KubernetesObject[] {
  return [namespaceObject(template), serviceAccountObject(template), networkPolicy(template), quota(template)];
}

/** Makes an object of ours that an earlier build has made as it is made now, unless it was changed meanwhile; undefined for any other. */
export function newerTemplate(found: KubernetesObject, wanted: KubernetesObject): object | undefined {
  const isOurs = found.metadata.labels?.[labels.managedBy] === managedBy;
  const [made, now] = [templateIn(found), templateIn(wanted)];
  if (!isOurs || made >= now) return undefined;
  const { resourceVersion } = found.metadata;
  return { metadata: { resourceVersion, annotations: { [templateAnnotation]: String(now) } }, spec: wanted.spec };
}

const templateIn = ({ metadata }: KubernetesObject): number => Number(metadata.annotations?.[templateAnnotation] ?? 0);

function labelsOf({ group }: NamespaceTemplate): Record<string, string> {
  return { [labels.managedBy]: managedBy, [labels.group]: group };
}

function namespaceObject(template: NamespaceTemplate): KubernetesObject {
  const security = { "pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": "restricted" };
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: template.place.namespace, labels: { ...labelsOf(template), ...security } },
  };
}

/** EKS Pod Identity binds it to the group's artifact role; the Kubernetes API knows no right of it. */
function serviceAccountObject(template: NamespaceTemplate): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: serviceAccount, namespace: template.place.namespace, labels: labelsOf(template) },
    automountServiceAccountToken: false,
  };
}

/** Addresses that carry a node's or pod's credentials, and the networks in which other namespaces live. */
const metadataAddress = "169.254.169.254/32";
/** Grows whenever the policy is made otherwise than before, the places of deployments apart. */
const policyTemplate = 2;
const privateNetworks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];
const podIdentityAgent = "169.254.170.23/32";

function networkPolicy(template: NamespaceTemplate): KubernetesObject {
  const { gateway, namespace, api_server_cidrs = [] } = template.place;
  const byName = (name: string) => ({ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } });
  const sameNamespace = { podSelector: {} };
  const transformers = { podSelector: { matchLabels: { [labels.component]: "transformer" } } };
  const apiServer = api_server_cidrs.map((cidr) => ({ ipBlock: { cidr } }));
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: {
      ...{ name: "model-servers", namespace, labels: labelsOf(template) },
      annotations: { [templateAnnotation]: String(policyTemplate) },
    },
    spec: {
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        { from: [byName(gateway.namespace), transformers, ...apiServer], ports: [{ protocol: "TCP", port: containerPort }] },
        // From nobody would be from everybody.
        ...(apiServer.length > 0 ? [{ from: apiServer, ports: [{ protocol: "TCP", port: serverMetricsPort }] }] : []),
      ],
      egress: [
        { to: [sameNamespace] },
        {
          to: [byName("kube-system")],
          ports: [
            { protocol: "UDP", port: 53 },
            { protocol: "TCP", port: 53 },
          ],
        },
        { to: [{ ipBlock: { cidr: podIdentityAgent } }], ports: [{ protocol: "TCP", port: 80 }] },
        {
          to: [{ ipBlock: { cidr: "0.0.0.0/0", except: [metadataAddress, ...privateNetworks] } }],
          ports: [{ protocol: "TCP", port: 443 }],
        },
      ],
    },
  };
}

const podsByDefault = 1000;

/** Keeps one group from filling the cluster; nothing here opens a port of a node or a load balancer. */
function quota(template: NamespaceTemplate): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name: "group", namespace: template.place.namespace, labels: labelsOf(template) },
    spec: { hard: { pods: String(template.pods ?? podsByDefault), "services.loadbalancers": "0", "services.nodeports": "0" } },
  };
}
