import type { Any, ApiClient } from "../support/api-client.ts";
import { followAll } from "./follow-all.ts";

const deployments = "/apis/apps/v1/deployments";
const routes = "/apis/gateway.networking.k8s.io/v1/httproutes";

/** Of each rollout in these benches. */
export const deadlineSeconds = 900;

/** Of one rollout, in `performance.now()`. */
export interface Moment {
  /** All instances were ready for the first time. */
  ready: number;
  /** The route had them at its front for the first time. */
  moved: number;
}

/** When rollouts came how far, as a watch of the API server tells it. */
export class Moments {
  private readonly ready = new Times();
  private readonly moved = new Times();

  async follow(api: ApiClient, end: AbortSignal): Promise<void> {
    await followAll(api, deployments, (deployment) => this.seeDeployment(deployment), end);
    await followAll(api, routes, (route) => this.seeRoute(route), end);
  }

  /** When it is over. `workload`: the name of a Deployment, or of a deployment of ours and its revision as `id-p2`. */
  async of(namespace: string, workload: string): Promise<Moment> {
    const key = `${namespace}/${workload}`;
    return { moved: await this.moved.of(key), ready: await this.ready.of(key) };
  }
  whenReady = (namespace: string, workload: string): Promise<number> => this.ready.of(`${namespace}/${workload}`);

  private seeDeployment({ metadata: { namespace, name, generation }, spec, status }: Any): void {
    const isWhole = (status?.availableReplicas ?? 0) >= spec.replicas && status?.observedGeneration >= generation;
    if (isWhole) this.ready.note(`${namespace}/${withoutGenerated(name)}`);
  }

  private seeRoute({ metadata: { namespace }, spec }: Any): void {
    const [backend] = spec.rules[0].backendRefs ?? [];
    if (backend) this.moved.note(`${namespace}/${withoutGenerated(backend.name)}`);
  }
}

/** Neither the end of the uid nor the epoch can be known before. */
const withoutGenerated = (name: string): string => name.replace(/-[0-9a-z]{6}-p(\d+)-\d+$/, "-p$1");

/** When each thing first was, for whoever waits for it. */
class Times {
  private readonly times = new Map<string, number>();
  private readonly waiting = new Map<string, (time: number) => void>();

  note(key: string): void {
    if (this.times.has(key)) return;
    const now = performance.now();
    this.times.set(key, now);
    this.waiting.get(key)?.(now);
    this.waiting.delete(key);
  }

  /** Errors: it did not come within the deadline of any rollout. */
  of(key: string): Promise<number> {
    const time = this.times.get(key);
    if (time !== undefined) return Promise.resolve(time);
    return new Promise((tell, fail) => {
      const late = setTimeout(() => fail(new Error(`${key} did not come so far`)), deadlineSeconds * 1000);
      this.waiting.set(key, (now) => {
        clearTimeout(late);
        tell(now);
      });
    });
  }
}
