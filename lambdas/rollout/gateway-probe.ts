import type { Head } from "../../domain/deployment.ts";
import { WorkflowError } from "../../domain/errors.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { admission, endpointPath, routeHeader } from "../../domain/manifests/route.ts";
import { acceptanceOf } from "../../domain/route-acceptance.ts";
import { type Cluster, KubernetesError } from "../ports/cluster.ts";
import type { Clock } from "../ports/surroundings.ts";
import { readRoute } from "./route.ts";

/** A data plane that has not taken a route over by then will not. */
const patienceMilliseconds = 90_000;
/** Controllers refuse a route for a moment while they still learn of its Services. */
const refusalPatienceMilliseconds = 10_000;
/** A controller that could not write its status when it took the route up may not write it again until something else changes. */
const statusPatienceMilliseconds = 10_000;
const probeTimeoutMilliseconds = 5_000;
const firstPauseMilliseconds = 50;

interface Ports {
  cluster: Cluster;
  clock: Clock;
}

/**
 * Waits until the gateway has accepted the route as it is and itself answers by it, then as long as its data plane may
 * lag behind. What it answers counts more than a status that it does not write. `written` is the route as its change gave
 * it. `RouteNotAccepted` with what it said last.
 */
export async function awaitServed({ cluster, clock }: Ports, head: Head, value: string, written: KubernetesObject): Promise<void> {
  let known: KubernetesObject | undefined = written;
  await until(clock, async (waited) => {
    const route = known ?? (await readRoute(cluster, head));
    known = undefined;
    const acceptance = route ? acceptanceOf(route, head.place.gateway) : { refused: "the route is gone" };
    if (typeof acceptance === "object" && waited > refusalPatienceMilliseconds)
      throw notAccepted(`the gateway refuses the route: ${acceptance.refused}`);
    if (typeof acceptance === "object") return acceptance.refused;
    const isPending = acceptance === "pending";
    if (isPending && waited <= statusPatienceMilliseconds) return notToldYet;
    const answer = await askGateway(cluster, head);
    if (answer.route === value) return isOwnWord(answer) ? `by ${value} the gateway answers ${answer.status}` : undefined;
    return isPending ? notToldYet : `instead of by ${value} the gateway answers ${answer.words}`;
  });
  await settle(clock, head);
}

const notToldYet = "the gateway has not accepted the route";

/** Waits until no answer comes by an older state of the route. A gateway that cannot be reached serves nobody. */
export async function awaitWithdrawn({ cluster, clock }: Ports, head: Head, value: string): Promise<void> {
  await until(clock, async () => {
    const { route } = await askGateway(cluster, head);
    return route === undefined || route === value ? undefined : `the gateway still answers by ${route}`;
  });
  await settle(clock, head);
}

/** After a change of the route that is everywhere at one replica: another may still answer by the one before. */
export const settle = (clock: Clock, head: Head): Promise<void> => clock.sleep(head.place.gateway.settle_seconds * 1000);

/** Asks until there is nothing left to wait for, with pauses that grow. */
async function until(clock: Clock, ask: (waitedMilliseconds: number) => Promise<string | undefined>): Promise<void> {
  const begun = clock.now();
  for (let pause = firstPauseMilliseconds; ; pause = Math.min(pause * 1.5, 2_000)) {
    const waited = clock.now() - begun;
    const missing = await ask(waited);
    if (missing === undefined) return;
    if (waited > patienceMilliseconds) throw notAccepted(`${missing}, ${Math.round(waited / 1000)} s after the change`);
    await clock.sleep(pause);
  }
}

/** It knows the route and not yet an instance to send requests to: it learns of both separately. */
const isOwnWord = ({ status }: GatewayAnswer): boolean => status === 502 || status === 503 || status === 504;

interface GatewayAnswer {
  /** 0 without an answer. */
  status: number;
  /** By which state of the deployment's route it answered; undefined when by none. */
  route: string | undefined;
  words: string;
}

async function askGateway(cluster: Cluster, head: Head): Promise<GatewayAnswer> {
  const { namespace, service, port } = head.place.gateway;
  const path = `${endpointPath(head.id)}/v2/health/ready`;
  try {
    const answer = await cluster.serviceProxy(
      { namespace, service, port },
      { method: "GET", path, headers: admission(head), timeout_ms: probeTimeoutMilliseconds },
    );
    const route = answer.headers[routeHeader.toLowerCase()];
    return { status: answer.status, route, words: route ? `by ${route}` : `${answer.status} without a route of this deployment` };
  } catch (error) {
    const isUnreached = error instanceof KubernetesError && (error.code >= 500 || error.code === 404);
    if (!isUnreached) throw error;
    return { status: 0, route: undefined, words: `nothing: ${error.message}` };
  }
}

const notAccepted = (message: string): WorkflowError => new WorkflowError("RouteNotAccepted", "RouteNotAccepted", message);
