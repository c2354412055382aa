import { rounded } from "../../../bench/report.ts";
import { systemClock } from "../../../lambdas/runtime/surroundings.ts";
import { sync } from "../../../lambdas/sync/sync.ts";
import { adapterFor } from "../support/adapter-for.ts";
import { ApiClient } from "../support/api-client.ts";
import { type ClusterInfo, gatewayPlace, type IdentityName, identities } from "../support/cluster-info.ts";
import { ControlPlane, testedCluster } from "../support/control-plane.ts";
import { readKubeconfig } from "../support/kubeconfig.ts";
import { AuditLog } from "./audit.ts";
import { BareClient } from "./bare-client.ts";
import { Environments } from "./environments.ts";
import { deadlineSeconds, Moments } from "./moments.ts";
import { Operated } from "./operated.ts";
import { type Timed, timed } from "./seconds.ts";
import { StandInGateway } from "./stand-in-gateway.ts";

const image = "localhost/test-server:1";
const begunAtOnce = 25;
/** Longer than a hundred rollouts at once take on a machine with nothing else to do: what is removed is not in their way. */
export const warmSeconds = 40;

/** The product's operations and steps on the KWOK cluster that SLIPWAY_KUBECONFIG names, with a stand-in for gateway and servers. */
export class KwokStage {
  readonly api: ApiClient;
  readonly audit: AuditLog;
  readonly plane: ControlPlane;
  private readonly gateway: StandInGateway;
  private readonly moments = new Moments();
  private readonly end = new AbortController();
  private readonly groups: string[];
  private readonly deployments: Operated[] = [];
  /** Of each deployment. */
  readonly instances: number;

  /** Each group has a quota of a thousand pods. */
  constructor(name: string, groups = 1, instances = 2) {
    this.instances = instances;
    const kubeconfig = process.env.SLIPWAY_KUBECONFIG;
    if (!kubeconfig) throw new Error("AUDIT=1 npm run cluster:up -- --node kwok, and SLIPWAY_KUBECONFIG=<what it printed>");
    const access = readKubeconfig(kubeconfig);
    const info: ClusterInfo = {
      ...{ kind: "real", version: "", run: "bench", ...access, images: { server: image, node: "" } },
      ...{ hasArtifacts: false, gatewayUrl: null, gatewayMetrics: null },
    };
    this.groups = Array.from({ length: groups }, (_, index) => `${name}-${index}`);
    this.api = new ApiClient({ ...access, ...access.administrator, patience: 1_800_000 });
    this.audit = new AuditLog(kubeconfig);
    this.gateway = new StandInGateway(this.api);
    const environments = new Environments((identity) => this.gateway.behind(adapterFor(info, identity, { keepAlive: true }).cluster));
    this.plane = new ControlPlane({
      clusterOf: (identity, functionName) => environments.take(identity, functionName),
      release: (functionName, cluster) => environments.giveBack(functionName, cluster),
      gateway: { ...gatewayPlace, service: "slipway-gateway", port: 80, settle_seconds: 0, metrics: null },
    });
  }

  private get namespaces(): string[] {
    return this.groups.map((group) => `slipway-${group}-staging`);
  }

  async begin(count: number): Promise<Operated[]> {
    await this.gateway.start();
    await this.moments.follow(this.api, this.end.signal);
    return this.grow(count);
  }

  /** Until there are so many deployments. A group's namespace is the first one's to make. */
  async grow(count: number): Promise<Operated[]> {
    const groupOf = (index: number) => this.groups[index % this.groups.length] as string;
    const added = Array.from({ length: count }, (_, index) => new Operated(this.plane, groupOf(index), `bench-${index}`));
    added.splice(0, this.deployments.length);
    const start = async (each: Operated) => each.succeeded(await each.create(specification(this.instances)), 900);
    const first = Math.max(0, this.groups.length - this.deployments.length);
    await Promise.all(added.slice(0, first).map(start));
    const waiting = added.slice(first).values();
    await Promise.all(
      Array.from({ length: begunAtOnce }, async () => {
        for (const each of waiting) await start(each);
      }),
    );
    console.log(`${count} deployments run`);
    this.deployments.push(...added);
    return this.deployments;
  }

  /** So many at once have been rolled out a moment ago: as on Lambda, and as the bare client's, the connections of each step are open. */
  async warmedUp(deployments: Operated[]): Promise<void> {
    await Promise.all(deployments.map((each) => this.updated(each, "warm")));
    await this.cleanedUp(this.deployments.length);
  }

  async updated(deployment: Operated, value: string): Promise<Timed> {
    const began = performance.now();
    const operation = await deployment.update({ predictor: { env: [{ name: "VALUE", value }] } });
    await deployment.succeeded(operation, 900);
    const { place, id } = await deployment.head();
    return timed(began, await this.moments.of(place.namespace, `${id}-p${operation.revision}`));
  }

  bareClient(): BareClient {
    return new BareClient(this.api, { namespace: this.namespaces[0] as string, image, moments: this.moments });
  }

  /** What was kept warm has gone, as the schedule sees to it, so that everything that a rollout asks is in the log. */
  async cleanedUp(count: number): Promise<void> {
    const selector = encodeURIComponent("slipway.dev/component=predictor");
    const path = `/apis/apps/v1/deployments?labelSelector=${selector}`;
    const ports = {
      ...this.plane.watching(),
      record: this.plane.record,
      workflows: this.plane.ports.workflows,
      freshness: "on_demand" as const,
    };
    while ((await this.api.get(path)).body.items.length > count) {
      await sync([testedCluster], ports);
      await systemClock.sleep(1000);
    }
  }

  async stop(): Promise<void> {
    await this.plane.halt();
    this.gateway.stop();
    this.end.abort();
    await Promise.all(this.namespaces.map((name) => this.api.delete(`/api/v1/namespaces/${name}`)));
    this.api.stop();
  }
}

function specification(instances: number): object {
  const scaling_config = { min_replicas: instances, max_replicas: instances };
  const rollout = { drain_seconds: 0, warm_seconds: warmSeconds, deadline_seconds: deadlineSeconds };
  // Sent to the stand-in as all requests are; without one the product would make one up from the model's metadata.
  const smoke_tests = [{ name: "ready", method: "GET", path: "/v2/health/ready", expect: { status: 200 } }];
  return { environment: "staging", access: "public", predictor: { image, scaling_config }, rollout, smoke_tests };
}

export const requestsHeader = ["at once", "in all", "of them changes", "by verb"];

/** What each rollout of so many has asked since the log was begun. `watchers`: identities that ask on behalf of none of them. */
export function requestsRow(audit: AuditLog, size: number, rollouts: number, watchers: IdentityName[] = []): string[] {
  const names = (Object.keys(identities) as IdentityName[]).filter((name) => !watchers.includes(name));
  const counts = [...audit.count(names.map((name) => identities[name].user))].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const sum = (which: (name: string) => boolean) =>
    counts.reduce((total, [name, count]) => total + (which(name) ? count : 0), 0) / rollouts;
  const isChange = (name: string) => !/^(get|list|watch) /.test(name);
  const byVerb = counts.map(([name, count]) => `${rounded(count / rollouts)} ${name}`).join(", ");
  return [`${size}`, rounded(sum(() => true)), rounded(sum(isChange)), byVerb];
}
