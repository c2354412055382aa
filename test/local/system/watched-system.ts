import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kind, KubernetesObject } from "../../../domain/kubernetes.ts";
import type { Cluster } from "../../../lambdas/ports/cluster.ts";
import { awsClient } from "../../../lambdas/runtime/aws-client.ts";
import { jsonCalls } from "../../../lambdas/runtime/aws-json.ts";
import { systemClock } from "../../../lambdas/runtime/surroundings.ts";
import { echoDeployment, writeEchoImage } from "./image.ts";
import { clusterOf } from "./operator.ts";
import { type Answer, System } from "./system.ts";

const here = { region: "us-east-1", credentials: async () => ({ accessKeyId: "local", secretAccessKey: "local" }), clock: systemClock };
/** Where the local bus keeps what it has heard. */
const heard = "/aws/events/slipway";

interface Heard {
  "detail-type": string;
  detail: { sequence: number; deployment_id: string };
}

/** A system with somebody who looks at its deployments, and somebody with kubectl who changes them. */
export class WatchedSystem {
  readonly system: System;
  /** As somebody with kubectl sees it. */
  readonly cluster: Cluster;
  readonly #folder: string;

  private constructor(system: System, cluster: Cluster, folder: string) {
    this.system = system;
    this.cluster = cluster;
    this.#folder = folder;
  }

  static async start(): Promise<WatchedSystem> {
    const folder = await mkdtemp(join(tmpdir(), "slipway-watched-"));
    const system = await System.start(["--no-sample", "--images", await writeEchoImage(folder)]);
    return new WatchedSystem(system, await clusterOf(system), folder);
  }

  async stop(): Promise<void> {
    await this.system.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async state(id: string): Promise<Answer["body"]> {
    return (await this.system.call("GET", `/v1/deployments/${id}/state`)).body;
  }

  async events(id: string): Promise<Answer["body"][]> {
    return (await this.system.call("GET", `/v1/deployments/${id}/events?limit=100`)).body.items;
  }

  /** What the bus has heard of a deployment, each once, by sequence. */
  async heardOf(id: string): Promise<Heard[]> {
    const client = awsClient("CLOUDWATCH_LOGS", { ...here, endpointUrl: `${this.system.url}/aws` }, 10_000);
    const logs = jsonCalls(client, { version: "1.1", target: "Logs_20140328" });
    const { events } = await logs<{ events: { message: string }[] }>("FilterLogEvents", { logGroupName: heard, filterPattern: `"${id}"` });
    const all = events.map(({ message }) => JSON.parse(message) as Heard).filter(({ detail }) => detail.deployment_id === id);
    const once = new Map(all.map((each) => [each.detail.sequence, each]));
    return [...once.values()].sort((one, other) => one.detail.sequence - other.detail.sequence);
  }

  async run(id: string, over: object = {}): Promise<void> {
    const { body } = await this.system.call("POST", "/v1/deployments", {
      body: echoDeployment(id, { rollout: { drain_seconds: 0, warm_seconds: 0 }, ...over }),
    });
    await this.succeeds(body.operation.id);
    await this.comesTo(id, "RUNNING READY True Ready healthy");
  }

  async restart(id: string): Promise<void> {
    const { body } = await this.system.call("POST", `/v1/deployments/${id}/restart`);
    await this.succeeds(body.operation.id);
  }

  /** Every state on the way there, each once. */
  async comesTo(id: string, end: string): Promise<string[]> {
    const seen: string[] = [];
    await this.system.until(`${id} comes to ${end}, after ${seen}`, async () => {
      const { status, condition, health } = await this.state(id);
      const now = `${status} ${condition.type} ${condition.status} ${condition.reason} ${health}`;
      if (seen.at(-1) !== now) seen.push(now);
      return now === end;
    });
    return seen;
  }

  async objectOf(kind: Kind, id: string): Promise<KubernetesObject> {
    const { items } = await this.cluster.list(kind, { namespace: "slipway-demo-staging", labels: { "slipway.dev/deployment": id } });
    if (!items[0]) throw new Error(`${id} has no ${kind}`);
    return items[0];
  }

  async remove(kind: Kind, id: string): Promise<void> {
    const { namespace = "", name = "", uid = "" } = (await this.objectOf(kind, id)).metadata;
    await this.cluster.remove(kind, namespace, name, uid, 0);
  }

  async patch(kind: Kind, id: string, change: object): Promise<void> {
    const { namespace = "", name = "" } = (await this.objectOf(kind, id)).metadata;
    await this.cluster.patch(kind, namespace, name, change);
  }

  private async succeeds(operation: string): Promise<void> {
    await this.system.until(`operation ${operation} has ended`, async () => {
      const { outcome, cause } = (await this.system.call("GET", `/v1/operations/${operation}`)).body;
      if (outcome !== null && outcome !== "SUCCEEDED") throw new Error(`${outcome}: ${cause?.message}`);
      return outcome === "SUCCEEDED";
    });
  }
}
