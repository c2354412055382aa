import { heap } from "../../../bench/watch-memory.ts";
import type { Head } from "../../../domain/deployment.ts";
import { labels } from "../../../domain/names.ts";
import { describeState } from "../../../domain/state.ts";
import { systemClock } from "../../../lambdas/runtime/surroundings.ts";
import { ClusterWatch } from "../../../lambdas/sync/cluster-watch.ts";
import { sync } from "../../../lambdas/sync/sync.ts";
import { watch } from "../../../lambdas/sync/watch.ts";
import type { Any } from "../support/api-client.ts";
import { identities } from "../support/cluster-info.ts";
import { testedCluster } from "../support/control-plane.ts";
import { followAll } from "./follow-all.ts";
import type { KwokStage } from "./kwok-stage.ts";

export interface Cost {
  seconds: number;
  /** Of heap. */
  megabytes: number;
  /** `1 deployments, 2 pods`: requests that list, by what they list. */
  lists: string;
}

const megabyte = 2 ** 20;
const hour = 3_600_000;

/** What looks after all deployments of a cluster. */
export class Fleet {
  private readonly stage: KwokStage;

  constructor(stage: KwokStage) {
    this.stage = stage;
  }

  /** One run as the schedule begins it, where nobody watches. */
  async sync(): Promise<Cost> {
    const { plane, audit } = this.stage;
    const ports = { ...plane.watching(), record: plane.record, workflows: plane.ports.workflows, freshness: "minute" as const };
    audit.begin();
    const before = heap();
    let most = before;
    const looking = setInterval(() => (most = Math.max(most, process.memoryUsage().heapUsed)), 20);
    const began = performance.now();
    await sync([testedCluster], ports);
    const seconds = (performance.now() - began) / 1000;
    clearInterval(looking);
    return { seconds, megabytes: (most - before) / megabyte, lists: this.listsOf("judge") };
  }

  /** What a watch begins with, and keeps as long as it lasts. */
  async listAll(): Promise<Cost> {
    const { plane, audit } = this.stage;
    audit.begin();
    const before = heap();
    const began = performance.now();
    const eyes = new ClusterWatch({ cluster: await plane.clustersOf("Watch")(), clock: systemClock, log: console });
    await eyes.begin();
    const seconds = (performance.now() - began) / 1000;
    const megabytes = (heap() - before) / megabyte;
    eyes.stop();
    return { seconds, megabytes, lists: this.listsOf("judge") };
  }

  /** A watch that goes on until it is ended; its seconds are those until it vouches for every deployment. */
  async watch(): Promise<{ seconds: number; end(): Promise<void> }> {
    const { plane } = this.stage;
    const over = new AbortController();
    const began = performance.now();
    const begunAt = Date.now();
    const running = watch({ cluster: testedCluster }, plane.watching(), () => (over.signal.aborted ? 0 : hour));
    const isVouchedFor = async () => {
      const { seen_at, behind } = await plane.record.watches.find(testedCluster);
      return seen_at !== null && Date.parse(seen_at) >= begunAt && behind.length === 0;
    };
    while (!(await isVouchedFor())) await systemClock.sleep(50);
    return {
      seconds: (performance.now() - began) / 1000,
      end: () => {
        over.abort();
        return running;
      },
    };
  }

  /**
   * Pods become unready and ready again, one after another. Milliseconds from the moment in which a watch of the API server
   * tells it until the state has one ready instance more or less.
   */
  async changeReadiness(changes: number): Promise<number[]> {
    const { api, plane, instances } = this.stage;
    const told = new Map<string, number>();
    const end = new AbortController();
    const see = ({ metadata, status }: Any) => void told.set(`${metadata.name} ${readinessIn(status)}`, performance.now());
    await followAll(api, "/api/v1/pods", see, end.signal);
    const pods = (await api.get(`/api/v1/pods?limit=${changes / 2}`)).body.items;
    const delays: number[] = [];
    for (const pod of pods) {
      for (const status of ["False", "True"]) {
        const shown = this.shownReady(pod.metadata.labels[labels.uid], instances - (status === "True" ? 0 : 1));
        const key = `${pod.metadata.name} ${status}`;
        told.delete(key);
        const { namespace, name } = pod.metadata;
        const conditions = withReadiness(pod.status.conditions, status);
        await api.patch(`/api/v1/namespaces/${namespace}/pods/${name}/status`, { status: { conditions } });
        const at = await shown;
        while (!told.has(key)) await systemClock.sleep(5);
        delays.push(Math.max(0, at - (told.get(key) as number)));
      }
    }
    end.abort();
    plane.record.onObserved = () => undefined;
    return delays;
  }

  /** When the state of a deployment has come to say so, in `performance.now()`. */
  private shownReady(uid: string, ready: number): Promise<number> {
    return new Promise((resolve) => {
      this.stage.plane.record.onObserved = (head: Head, observed) => {
        const { predictor } = describeState(head, observed, Date.now()).instances;
        if (head.uid === uid && predictor.ready === ready) resolve(performance.now());
      };
    });
  }

  private listsOf(identity: keyof typeof identities): string {
    const counts = [...this.stage.audit.count([identities[identity].user])].filter(([name]) => name.startsWith("list "));
    return counts.map(([name, count]) => `${count} ${name.slice("list ".length)}`).join(", ");
  }
}

const readinessIn = (status: Any): string => status?.conditions?.find(({ type }: Any) => type === "Ready")?.status ?? "False";

function withReadiness(conditions: Any[], status: string): Any[] {
  const lastTransitionTime = `${new Date().toISOString().slice(0, 19)}Z`;
  return conditions.map((each) => (["Ready", "ContainersReady"].includes(each.type) ? { ...each, status, lastTransitionTime } : each));
}
