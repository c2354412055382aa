import { isDeepStrictEqual } from "node:util";
import { ruleFor } from "../api/kinds.ts";
import type { Registry } from "../api/registry.ts";
import { keyOf, ownedBy } from "../objects/resource.ts";
import { matcherOf } from "../objects/selectors.ts";
import {
  type Endpoint,
  type EndpointPort,
  type EndpointSlice,
  isHeadless,
  isReady,
  isTerminal,
  type Pod,
  type Service,
} from "../objects/workloads.ts";
import { type Controller, startController } from "./controller.ts";
import { splitKey } from "./work-queue.ts";

const managedBy = "endpointslice-controller.k8s.io";

/** One EndpointSlice for each set of target ports among the pods that a Service selects. */
export function startEndpointSlices(registry: Registry): Controller {
  return startController(
    registry,
    "EndpointSlice",
    ({ object, previous, rule }) => {
      if (rule.kind === "Service") return [keyOf(object)];
      if (rule.kind !== "Pod") return [];
      const services = registry.list<Service>("Service", object.metadata.namespace);
      return services.filter((service) => [object, previous].some((pod) => pod && selects(service, pod as Pod))).map(keyOf);
    },
    () => registry.list<Service>("Service").map(keyOf),
    (key) => reconcile(registry, key),
  );
}

function selects(service: Service, pod: Pod): boolean {
  const { selector } = service.spec;
  return selector !== undefined && Object.keys(selector).length > 0 && matcherOf({ matchLabels: selector })(pod.metadata.labels);
}

function reconcile(registry: Registry, key: string): void {
  const [namespace, name] = splitKey(key);
  const service = registry.find<Service>("Service", namespace, name);
  if (!service?.spec.selector || service.metadata.deletionTimestamp) return;
  const selected = Object.keys(service.spec.selector).length > 0 ? registry.podsOf(namespace, { matchLabels: service.spec.selector }) : [];
  const pods = selected.filter((pod) => pod.status.podIP && !isTerminal(pod));
  const wanted = groupByPorts(service, pods);
  const present = registry
    .list<EndpointSlice>("EndpointSlice", namespace)
    .filter(
      (slice) =>
        slice.metadata.labels?.["kubernetes.io/service-name"] === name &&
        slice.metadata.labels["endpointslice.kubernetes.io/managed-by"] === managedBy,
    );
  for (const [index, content] of wanted.entries()) {
    const slice = present[index];
    if (slice) registry.change<EndpointSlice>("EndpointSlice", slice, (draft) => update(draft, content));
    else createSlice(registry, service, content);
  }
  for (const slice of present.slice(wanted.length)) registry.delete(ruleFor("EndpointSlice"), namespace, slice.metadata.name);
}

interface Content {
  ports: EndpointPort[] | null;
  endpoints: Endpoint[] | null;
}

function update(draft: EndpointSlice, { ports, endpoints }: Content): void {
  if (isDeepStrictEqual([draft.ports, draft.endpoints], [ports, endpoints])) return;
  draft.ports = ports;
  draft.endpoints = endpoints;
  draft.metadata.annotations = { "endpoints.kubernetes.io/last-change-trigger-time": new Date().toISOString() };
}

function groupByPorts(service: Service, pods: Pod[]): Content[] {
  const groups = new Map<string, { ports: EndpointPort[]; endpoints: Endpoint[] }>();
  for (const pod of pods) {
    const ports = portsFor(service, pod);
    const group = groups.get(JSON.stringify(ports)) ?? { ports, endpoints: [] };
    group.endpoints.push(endpointOf(pod, service.spec.publishNotReadyAddresses === true));
    groups.set(JSON.stringify(ports), group);
  }
  // A slice without endpoints has null lists on the wire, as Go writes them.
  return groups.size > 0 ? [...groups.values()] : [{ ports: null, endpoints: null }];
}

function portsFor(service: Service, pod: Pod): EndpointPort[] {
  return (service.spec.ports ?? []).flatMap((port) => {
    const declared = pod.spec.containers.flatMap((container) => container.ports ?? []);
    const target =
      typeof port.targetPort === "number" ? port.targetPort : declared.find((each) => each.name === port.targetPort)?.containerPort;
    return target === undefined ? [] : [{ name: port.name ?? "", port: target, protocol: port.protocol ?? "TCP" }];
  });
}

function endpointOf(pod: Pod, always: boolean): Endpoint {
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const serving = isReady(pod);
  const { namespace, name, uid } = pod.metadata;
  return {
    addresses: [pod.status.podIP as string],
    conditions: { ready: always || (serving && !terminating), serving, terminating },
    nodeName: pod.spec.nodeName as string,
    targetRef: { kind: "Pod", namespace: namespace as string, name, uid },
  };
}

function createSlice(registry: Registry, service: Service, content: Content): void {
  const { name, namespace, labels } = service.metadata;
  registry.create({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      generateName: `${name}-`,
      namespace: namespace as string,
      labels: {
        ...labels,
        ...(isHeadless(service) && { "service.kubernetes.io/headless": "" }),
        "kubernetes.io/service-name": name,
        "endpointslice.kubernetes.io/managed-by": managedBy,
      },
      annotations: { "endpoints.kubernetes.io/last-change-trigger-time": new Date().toISOString() },
      ownerReferences: [ownedBy(service)],
    },
    addressType: "IPv4",
    ...content,
  });
}
