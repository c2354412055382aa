/**
 * `npm run bench -- rollouts-kwok`: 1, 10 and 100 updates at once through the product's own steps, beside a client that
 * only creates a Deployment, waits until it is available and moves a route. On the KWOK cluster that SLIPWAY_KUBECONFIG
 * names, started with AUDIT=1, and with KCM_QPS and SCHED_QPS or without.
 */
import { printTable, rounded } from "../../../bench/report.ts";
import { percentile } from "../../../bench/switch/load-client.ts";
import { routeName } from "../../../domain/names.ts";
import { adapterFor } from "../support/adapter-for.ts";
import { type Any, ApiClient } from "../support/api-client.ts";
import { type ClusterInfo, gatewayPlace, identities } from "../support/cluster-info.ts";
import { ControlPlane } from "../support/control-plane.ts";
import { readKubeconfig } from "../support/kubeconfig.ts";
import { AuditLog } from "./audit.ts";
import { BareClient } from "./bare-client.ts";
import { Operated } from "./operated.ts";
import { followAll, StandInGateway } from "./stand-in-gateway.ts";

const sizes = [1, 10, 100];
const present = 100;
const image = "localhost/test-server:1";
const group = "bench-kwok";

const kubeconfig = process.env.SLIPWAY_KUBECONFIG;
if (!kubeconfig) throw new Error("AUDIT=1 npm run cluster:up -- --node kwok, and SLIPWAY_KUBECONFIG=<what it printed>");
const access = readKubeconfig(kubeconfig);
const info: ClusterInfo = {
  ...{ kind: "real", version: "", run: "bench", ...access, images: { server: image, node: "" } },
  ...{ hasArtifacts: false, gatewayUrl: null, gatewayMetrics: null },
};
const api = new ApiClient({ ...access, ...access.administrator, patience: 1_800_000 });
const audit = new AuditLog(kubeconfig);
const gateway = new StandInGateway(api);
const clusters = new Map(
  Object.keys(identities).map((name) => [
    name,
    gateway.behind(adapterFor(info, name as keyof typeof identities, { keepAlive: true }).cluster),
  ]),
);
const plane = new ControlPlane({
  clusterOf: (identity) => clusters.get(identity) as ReturnType<typeof gateway.behind>,
  gateway: { ...gatewayPlace, service: "slipway-gateway", port: 80, settle_seconds: 0, metrics: null },
});
const available = new Map<string, number>();
const end = new AbortController();

interface Timed {
  /** Seconds from the accepted change to the moved route, and from the last ready instance. */
  total: number;
  afterReady: number;
}

const rows: string[][] = [];
const requests: string[][] = [];
try {
  await gateway.start();
  await watchAvailable();
  const deployments = await startAll();
  let revision = 1;
  for (const size of sizes) {
    const rounds = Math.max(1, Math.min(5, Math.floor(20 / size)));
    const timed: Timed[] = [];
    audit.begin();
    for (let round = 0; round < rounds; round++) {
      revision += 1;
      timed.push(...(await Promise.all(deployments.slice(0, size).map((each) => updated(each, `value-${revision}`)))));
    }
    await settled();
    rows.push(rowOf("Slipway", size, rounds, timed));
    requests.push(...requestsOf(size, size * rounds));
    const bare = new BareClient(api, { namespace: `slipway-${group}-staging`, image, available, moved: gateway.moved });
    const bareTimed: Timed[] = [];
    for (let round = 0; round < rounds; round++) bareTimed.push(...(await bare.play(size)));
    rows.push(rowOf("bare client", size, rounds, bareTimed));
    console.log(`${size} at once: done`);
  }
  printTable("Seconds", ["who", "at once", "rounds", "accepted change → moved, p50 / p99", "ready → moved, p50 / p99"], rows);
  printTable("Requests for one rollout, from the API server's audit log", ["at once", "in all", "of them changes", "by verb"], requests);
} finally {
  await plane.halt();
  gateway.stop();
  end.abort();
  await api.delete(`/api/v1/namespaces/slipway-${group}-staging`);
  api.stop();
}
process.exit();

/** When each Deployment first had all its instances. */
function watchAvailable(): Promise<void> {
  const see = ({ metadata: { name, generation }, spec, status }: Any): void => {
    const isWhole = (status?.availableReplicas ?? 0) >= spec.replicas && status?.observedGeneration >= generation;
    if (isWhole && !available.has(name)) available.set(name, performance.now());
  };
  return followAll(api, "/apis/apps/v1/deployments", see, end.signal);
}

/** The namespace is the first one's to make. */
async function startAll(): Promise<Operated[]> {
  const all = Array.from({ length: present }, (_, index) => new Operated(plane, group, `bench-${index}`));
  const begin = async (each: Operated) => each.succeeded(await each.create(specification()), 900);
  await begin(all[0] as Operated);
  await Promise.all(all.slice(1).map(begin));
  console.log(`${present} deployments run`);
  return all;
}

function specification(): object {
  const scaling_config = { min_replicas: 2, max_replicas: 2 };
  const rollout = { drain_seconds: 0, warm_seconds: 0, deadline_seconds: 900 };
  // Sent to the stand-in as all requests are; without one the product would make one up from the model's metadata.
  const smoke_tests = [{ name: "ready", method: "GET", path: "/v2/health/ready", expect: { status: 200 } }];
  return { environment: "staging", access: "public", predictor: { image, scaling_config }, rollout, smoke_tests };
}

async function updated(deployment: Operated, value: string): Promise<Timed> {
  const operation = await deployment.update({ predictor: { env: [{ name: "VALUE", value }] } });
  const accepted = performance.now();
  await deployment.succeeded(operation, 900);
  const head = await deployment.head();
  const active = Object.values(head.slots).find((slot) => slot?.role === "active");
  const suffix = `-p${active?.revision}-${active?.epoch}`;
  const moved = timeOf(gateway.moved, (key) => key.startsWith(`${head.place.namespace}/${routeName(head)} `) && key.endsWith(suffix));
  const ready = timeOf(available, (name) => name.startsWith(routeName(head)) && name.endsWith(suffix));
  return { total: (moved - accepted) / 1000, afterReady: (moved - ready) / 1000 };
}

function timeOf(times: Map<string, number>, isIt: (key: string) => boolean): number {
  const found = [...times].find(([key]) => isIt(key));
  if (!found) throw new Error("a moment was not seen");
  return found[1];
}

/** What was there before has gone, so that everything that a rollout asks is in the log. */
async function settled(): Promise<void> {
  const selector = encodeURIComponent("slipway.dev/component=predictor");
  const path = `/apis/apps/v1/namespaces/slipway-${group}-staging/deployments?labelSelector=${selector}`;
  for (let left = Infinity; left > present; ) left = (await api.get(path)).body.items.length;
}

function rowOf(who: string, size: number, rounds: number, timed: Timed[]): string[] {
  const both = (values: number[]) => `${rounded(percentile(values, 50))} / ${rounded(percentile(values, 99))}`;
  return [who, `${size}`, `${rounds}`, both(timed.map(({ total }) => total)), both(timed.map(({ afterReady }) => afterReady))];
}

function requestsOf(size: number, rollouts: number): string[][] {
  const counts = [...audit.count(Object.values(identities).map(({ user }) => user))].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const sum = (which: (name: string) => boolean) =>
    counts.reduce((total, [name, count]) => total + (which(name) ? count : 0), 0) / rollouts;
  const isChange = (name: string) => !/^(get|list|watch) /.test(name);
  const byVerb = counts.map(([name, count]) => `${rounded(count / rollouts)} ${name}`).join(", ");
  return [[`${size}`, rounded(sum(() => true)), rounded(sum(isChange)), byVerb]];
}
