import type { Registry } from "../api/registry.ts";
import { startController } from "../controllers/controller.ts";
import { splitKey } from "../controllers/work-queue.ts";
import type { PodNetwork } from "../network/pod-network.ts";
import type { Gateway, GatewayClass, HttpRoute } from "../objects/gateway-api.ts";
import { keyOf, type Resource } from "../objects/resource.ts";
import { DataPlane } from "./data-plane.ts";
import { type DataPlaneAddress, ensureGatewayService } from "./gateway-service.ts";
import { serveMetrics } from "./metrics-server.ts";
import { controllerName, isOurs } from "./parents.ts";
import { RequestCounters } from "./request-counters.ts";
import { writeClassStatus, writeGatewayStatus, writeRouteStatus } from "./route-status.ts";
import { compileRoutes } from "./route-table.ts";
import { TargetGroups } from "./target-groups.ts";

const kindsOfTable = ["HTTPRoute", "Gateway", "GatewayClass", "Service", "EndpointSlice", "Namespace"];
const kindsOfStatus = ["HTTPRoute", "Gateway", "GatewayClass", "Service"];

export interface GatewayManner {
  /**
   * How long after a change the data plane's second replica follows it; the first does at once, and the status says so
   * at once, as with real ones. Callers come to one replica or the other by connection: what one answers tells nothing
   * of the other.
   */
  lagMs: number;
  /** One replica, which follows each change after the lag and has registered targets: see `TargetGroups`. */
  likeAlb: boolean;
}

/** A Gateway API implementation on one loopback port, for all Gateways of its class. */
export async function startGateway(
  registry: Registry,
  network: PodNetwork,
  { lagMs, likeAlb }: GatewayManner,
): Promise<{ url: string; stop(): Promise<void> }> {
  const counters = new RequestCounters();
  const lags = likeAlb ? [lagMs] : lagMs > 0 ? [0, lagMs] : [0];
  const plane = new DataPlane(network, counters, { replicas: lags.length, ...(likeAlb && { targets: new TargetGroups() }) });
  const metrics = await serveMetrics(counters);
  const port = await plane.listen();
  const address = network.allocate();
  const place: DataPlaneAddress = {
    address,
    bind: (target, what) => network.bind(address, target, what === "metrics" ? metrics.port : port),
  };
  const status = startController(
    registry,
    "gateway status",
    ({ object, rule, type }) => {
      if (!kindsOfStatus.includes(rule.kind)) return [];
      if (rule.kind === "HTTPRoute" && type !== "DELETED") return [`HTTPRoute ${keyOf(object)}`, ...gatewayKeys(registry)];
      if (rule.kind === "Service") return [...routeKeys(registry, (route) => names(route, object)), ...gatewayKeys(registry)];
      return allKeys(registry);
    },
    () => allKeys(registry),
    (key) => writeStatus(registry, key, place),
  );
  const table = followChanges(registry, plane, lags);
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      status.stop();
      table.stop();
      await plane.stop();
      await metrics.stop();
    },
  };
}

function gatewayKeys(registry: Registry): string[] {
  return registry.list<Gateway>("Gateway").map((gateway) => `Gateway ${keyOf(gateway)}`);
}

function allKeys(registry: Registry): string[] {
  const classes = registry.list<GatewayClass>("GatewayClass").map((each) => `GatewayClass ${keyOf(each)}`);
  return [...classes, ...gatewayKeys(registry), ...routeKeys(registry, () => true)];
}

function routeKeys(registry: Registry, isMeant: (route: HttpRoute) => boolean): string[] {
  const routes = registry.list<HttpRoute>("HTTPRoute").filter(isMeant);
  return routes.map((route) => `HTTPRoute ${keyOf(route)}`);
}

/** Whether a route sends requests to a Service, wherever it is. */
function names({ spec }: HttpRoute, { metadata }: Resource): boolean {
  return (spec.rules ?? []).some(({ backendRefs = [] }) => backendRefs.some(({ name }) => name === metadata.name));
}

function writeStatus(registry: Registry, key: string, place: DataPlaneAddress): void {
  const [kind = "", path = ""] = key.split(" ");
  const [namespace, name] = splitKey(path);
  const object = registry.find(kind, namespace || undefined, name);
  if (!object || object.metadata.deletionTimestamp) return;
  if (kind === "HTTPRoute") writeRouteStatus(registry, object as HttpRoute);
  else if (kind === "GatewayClass" && (object as GatewayClass).spec.controllerName === controllerName)
    writeClassStatus(registry, object as GatewayClass);
  else if (kind === "Gateway" && isOurs(registry, object as Gateway)) {
    ensureGatewayService(registry, object as Gateway, place);
    writeGatewayStatus(registry, object as Gateway);
  }
}

/** Compiles the table after each change and lets each replica of the data plane follow it when its lag is over. */
function followChanges(registry: Registry, plane: DataPlane, lags: number[]): { stop(): void } {
  const timers = new Set<NodeJS.Timeout>();
  let compiling: NodeJS.Immediate | undefined;
  const compile = () => {
    compiling = undefined;
    const entries = compileRoutes(registry);
    for (const [replica, lag] of lags.entries()) {
      if (lag === 0) plane.follow(entries, replica);
      else later(lag, () => plane.follow(entries, replica));
    }
  };
  const later = (lag: number, follow: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      follow();
    }, lag);
    timers.add(timer);
  };
  for (const replica of lags.keys()) plane.follow(compileRoutes(registry), replica);
  const unsubscribe = registry.store.onChange(({ rule }) => {
    if (kindsOfTable.includes(rule.kind)) compiling ??= setImmediate(compile);
  });
  return {
    stop: () => {
      unsubscribe();
      if (compiling) clearImmediate(compiling);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
