import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { labels, managedBy } from "../../domain/names.ts";
import { KubernetesApi, type KubernetesObject } from "../../local/kubeconfig/api.ts";
import { claimPath } from "../../local/kubeconfig/claim.ts";
import { connectionOf } from "../../local/kubeconfig/connection.ts";
import { readKubeconfig } from "../../local/kubeconfig/file.ts";
import { gatewayPlace } from "../../local/kubeconfig/gateway.ts";
import { makeFolder, RunningSystem, removeFolder } from "../running-system.ts";
import { image, imagesOption } from "../switch/deployment.ts";
import { Load } from "../switch/load.ts";
import { type Counted, failed } from "../switch/load-client.ts";
import { truth } from "./told.ts";

export interface StageOptions {
  kubeconfig: string | undefined;
  context: string | undefined;
  /** Image of the model server, which the cluster's nodes can get. */
  image: string;
  /** Whether pods find the S3 of this system. */
  has_artifacts: boolean;
  /** Passed on to `npm start`. */
  more: string[];
}

/** A control plane with one deployment to tell of, and the cluster as its administrator sees it. */
export class Stage {
  readonly system: RunningSystem;
  readonly cluster: KubernetesApi;
  readonly options: StageOptions;
  readonly run = randomBytes(3).toString("hex");
  readonly group = "demo";
  readonly #folder: string;
  readonly #isFirst: boolean;

  private constructor(options: StageOptions, system: RunningSystem, cluster: KubernetesApi, folder: string, isFirst: boolean) {
    this.options = options;
    this.system = system;
    this.cluster = cluster;
    this.#folder = folder;
    this.#isFirst = isFirst;
  }

  static async open(options: StageOptions): Promise<Stage> {
    const folder = makeFolder();
    const data = join(folder, "data");
    const { kubeconfig, context } = options;
    const own = kubeconfig ?? join(data, "cluster", "kubeconfig");
    const isFirst = kubeconfig === undefined || !(await isClaimed(kubeconfig, context));
    const which = kubeconfig
      ? ["--kubeconfig", kubeconfig, ...(context ? ["--context", context] : [])]
      : [...imagesOption(folder), "--nodes", "2"];
    const system = await RunningSystem.start(["--data", data, "--no-sample", ...which, ...options.more]);
    try {
      await system.apiAnswers();
      const cluster = new KubernetesApi(connectionOf(readKubeconfig(own, context)));
      await system.call("GET", "/v1/me");
      return new Stage(options, system, cluster, folder, isFirst);
    } catch (error) {
      await system.stop();
      removeFolder(folder);
      throw error;
    }
  }

  get id(): string {
    return `story-${this.run}`;
  }
  get namespace(): string {
    return `slipway-${this.group}-staging`;
  }

  state = () => this.system.call("GET", `/v1/deployments/${this.id}/state`);

  /** Begins a change and waits for its end; gives the operation. */
  async changed(method: string, path: string, body?: object) {
    const { operation } = await this.system.call(method, path, body);
    return this.ended(operation);
  }

  async ended(begun: { id: string }) {
    for (;;) {
      const operation = await this.system.call("GET", `/v1/operations/${begun.id}?wait=25`);
      if (operation.outcome !== null) return operation;
    }
  }

  update = (patch: object) => this.changed("PATCH", `/v1/deployments/${this.id}`, patch);

  /** What is served under this name is asked at a steady rate while something happens; gives what became of the requests. */
  async underLoad(id: string, happens: () => Promise<unknown>): Promise<Counted> {
    const load = new Load({ url: `${this.system.url}/endpoints/${id}/predict`, rate: 40, body: "{}" }, "all");
    const happened = happens();
    await Promise.allSettled([happened]);
    const { all } = await load.stop();
    await happened;
    return all as Counted;
  }

  /** The same of the story's own deployment, none of whose requests may be lost. */
  async withoutLoss(happens: () => Promise<unknown>): Promise<Counted> {
    const counted = await this.underLoad(this.id, happens);
    truth(failed(counted) === 0 && counted.refusals === 0, "no request was lost", {
      failures: counted.failures,
      refusals: counted.refusals,
    });
    return counted;
  }

  /** Which revision answers, by the greeting that it was given. */
  async answeredBy(): Promise<string | null> {
    const answer = await fetch(`${this.system.url}/endpoints/${this.id}/predict`, {
      method: "POST",
      body: "{}",
      headers: { connection: "close" },
    });
    return answer.ok ? answer.headers.get("x-model") : `status ${answer.status}`;
  }

  pods(): Promise<(KubernetesObject & { spec: { nodeName?: string } })[]> {
    const selector = encodeURIComponent(`${labels.managedBy}=${managedBy},${labels.deployment}=${this.id}`);
    return this.cluster.list(`/api/v1/namespaces/${this.namespace}/pods?labelSelector=${selector}`);
  }

  predictor(greeting: string, more: Record<string, string> = {}): object {
    const env = Object.entries({ GREETING: greeting, ...more }).map(([name, value]) => ({ name, value }));
    // A patch adds to what was wanted last, also where that failed: what an earlier part changed is said again.
    return { image: this.options.image, instance_type: "cpu.small", env };
  }

  /** Takes away what the story has made, whatever it came to. */
  async close(): Promise<void> {
    await this.changed("DELETE", `/v1/deployments/${this.id}?name=${this.id}`).catch(() => undefined);
    await this.system.stop();
    if (this.options.kubeconfig) {
      const ours = [...(await this.#namespacesMade())].map((name) => `/api/v1/namespaces/${name}`);
      for (const path of ours) await this.cluster.delete(path).catch(() => undefined);
      // Whoever had claimed the cluster before, has it still.
      if (this.#isFirst) await this.cluster.delete(claimPath(gatewayPlace.namespace)).catch(() => undefined);
    }
    this.cluster.connection.close();
    removeFolder(this.#folder);
  }

  /** Those for the plain Deployment; the group's own may hold what others have deployed. */
  async #namespacesMade(): Promise<string[]> {
    return (await this.cluster.list(`/api/v1/namespaces?labelSelector=${storyLabel}=${this.run}`)).map(({ metadata }) => metadata.name);
  }
}

/** Carried by every namespace that the story makes for itself. */
export const storyLabel = "slipway.dev/story";
export const usualImage = image;

async function isClaimed(kubeconfig: string, context: string | undefined): Promise<boolean> {
  const cluster = new KubernetesApi(connectionOf(readKubeconfig(kubeconfig, context)));
  return cluster
    .find(claimPath(gatewayPlace.namespace))
    .then((lease) => lease !== undefined)
    .finally(() => cluster.connection.close());
}
