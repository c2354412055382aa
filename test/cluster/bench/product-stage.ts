import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { ownProcesses } from "../../../bench/own-processes.ts";
import { makeFolder, RunningSystem, removeFolder } from "../../../bench/running-system.ts";
import { ApiClient } from "../support/api-client.ts";
import { readKubeconfig } from "../support/kubeconfig.ts";
import { BareClient } from "./bare-client.ts";
import { warmSeconds } from "./kwok-stage.ts";
import { deadlineSeconds, Moments } from "./moments.ts";
import { type Timed, timed } from "./seconds.ts";

const image = "localhost/test-server:1";
const group = "demo";
const namespace = `slipway-${group}-staging`;
/** Where the product expects a server that somebody else has built. */
const serverPort = 8080;
const begunAtOnce = 10;

interface Parts {
  system: RunningSystem;
  api: ApiClient;
  /** Answers for every pod: their addresses lead here. */
  servers: Server;
  folder: string;
}

/** `npm start -- --kubeconfig` on the KWOK cluster that SLIPWAY_KUBECONFIG names. */
export class ProductStage {
  /** Changes that were not answered, and sent again. */
  refusals = 0;
  private readonly parts: Parts;
  private readonly moments = new Moments();
  private readonly end = new AbortController();
  /** The newest of each deployment: every change makes one more. */
  private readonly revisions: number[] = [];

  private constructor(parts: Parts) {
    this.parts = parts;
  }

  static async open(): Promise<ProductStage> {
    const kubeconfig = process.env.SLIPWAY_KUBECONFIG;
    if (!kubeconfig) throw new Error("npm run cluster:up -- --node kwok --gateway, and SLIPWAY_KUBECONFIG=<what it printed>");
    const access = readKubeconfig(kubeconfig);
    const servers = createServer((_, response) => response.end(JSON.stringify({ name: "none", ready: true }))).listen(serverPort);
    await once(servers, "listening");
    const folder = makeFolder();
    const system = await RunningSystem.start(["--data", join(folder, "data"), "--no-sample", "--kubeconfig", kubeconfig, "--yes"]);
    const api = new ApiClient({ ...access, ...access.administrator, patience: 1_800_000 });
    const stage = new ProductStage({ system, api, servers, folder });
    await system.apiAnswers();
    await stage.moments.follow(api, stage.end.signal);
    return stage;
  }

  /** Deployments of two instances each. */
  async begin(count: number): Promise<void> {
    const waiting = Array.from({ length: count }, (_, number) => number).values();
    const start = async () => {
      for (const number of waiting) {
        await this.change("POST", "/v1/deployments", specification(idOf(number)));
        await this.settled(number);
        this.revisions.push(1);
      }
    };
    await Promise.all(Array.from({ length: begunAtOnce }, start));
    console.log(`${count} deployments run`);
  }

  /** So many of them at once, others in each round: from the moment at which each change was sent. Comes back when all have ended. */
  async update(count: number, round: number): Promise<Timed[]> {
    const patch = { predictor: { env: [{ name: "VALUE", value: `value-${count}` }] } };
    const numbers = Array.from({ length: count }, (_, number) => round * count + number);
    const all = numbers.map(async (number) => {
      const began = performance.now();
      const revision = (this.revisions[number] ?? 0) + 1;
      this.revisions[number] = revision;
      await this.change("PATCH", `/v1/deployments/${idOf(number)}`, patch);
      return timed(began, await this.moments.of(namespace, `${idOf(number)}-p${revision}`));
    });
    const updated = await Promise.all(all);
    for (const number of numbers) await this.settled(number);
    return updated;
  }

  /** What was kept warm has gone: the schedule sees to it each minute. */
  async cleanedUp(): Promise<void> {
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments?labelSelector=${encodeURIComponent("slipway.dev/component=predictor")}`;
    while ((await this.parts.api.get(path)).body.items.length > this.revisions.length)
      await new Promise((resolve) => setTimeout(resolve, 1000));
  }

  bareClient(): BareClient {
    return new BareClient(this.parts.api, { namespace, image, moments: this.moments });
  }

  /** Of everything that `npm start` has begun, so far. */
  processorSeconds(): number {
    return ownProcesses(this.parts.system.pid).reduce((total, { cpuSeconds }) => total + cpuSeconds, 0);
  }

  async close(): Promise<void> {
    const { system, api, servers, folder } = this.parts;
    await system.stop();
    this.end.abort();
    await api.delete(`/api/v1/namespaces/${namespace}`);
    api.stop();
    servers.close();
    removeFolder(folder);
  }

  /**
   * As a client that means it: what the system is too busy to answer is sent again. Nobody else changes anything here: what is
   * under way then is what was sent.
   */
  private async change(method: string, path: string, body: object): Promise<void> {
    const { system } = this.parts;
    const headers = { "idempotency-key": randomUUID() };
    let isRepeated = false;
    await system.until(async () => {
      try {
        return await system.call(method, path, body, { headers });
      } catch (error) {
        if (isRepeated && / answered 409: /.test((error as Error).message)) return true;
        isRepeated = true;
        this.refusals += 1;
        throw error;
      }
    });
  }

  /** No operation is under way. */
  private async settled(number: number): Promise<void> {
    const { system } = this.parts;
    const state = () => system.call("GET", `/v1/deployments/${idOf(number)}/state`);
    while ((await system.until(state)).operation !== null) await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const idOf = (number: number): string => `bench-${number}`;

function specification(id: string): object {
  const scaling_config = { min_replicas: 2, max_replicas: 2 };
  const rollout = { drain_seconds: 0, warm_seconds: warmSeconds, deadline_seconds: deadlineSeconds };
  const smoke_tests = [{ name: "ready", method: "GET", path: "/v2/health/ready", expect: { status: 200 } }];
  const predictor = { image, instance_type: "cpu.small", scaling_config };
  return { ...{ group, name: id, id, environment: "staging", access: "public" }, predictor, rollout, smoke_tests };
}
