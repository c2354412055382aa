import { Agent, get } from "node:http";
import { dynamoRecord } from "../lambdas/adapters/dynamodb-record.ts";
import { eksClusters } from "../lambdas/adapters/eks-clusters.ts";
import { kubernetesClient } from "../lambdas/adapters/kubernetes-client.ts";
import type { KubernetesConnection } from "../lambdas/adapters/kubernetes-request.ts";
import { transientLogs } from "../lambdas/operations/transient-logs.ts";
import type { Cluster } from "../lambdas/ports/cluster.ts";
import { awsClient } from "../lambdas/runtime/aws-client.ts";
import { type AwsCall, jsonCalls } from "../lambdas/runtime/aws-json.ts";
import type { AwsSurroundings } from "../lambdas/runtime/aws-surroundings.ts";
import { documents } from "../lambdas/runtime/documents.ts";
import { systemClock } from "../lambdas/runtime/surroundings.ts";
import { connectionOf } from "../local/kubeconfig/connection.ts";
import { readKubeconfig } from "../local/kubeconfig/file.ts";
import type { RunningSystem } from "./running-system.ts";

/** Milliseconds until the first and until the last line is there. */
export interface Took {
  first: number;
  whole: number;
}
/** Asks once for the same lines. */
export type Way = () => Promise<Took>;

/** The pod log itself, from the API server and past everything of ours. */
export function rawWay(cluster: Cluster, namespace: string, pod: string, tail: number): Way {
  return async () => {
    const began = performance.now();
    let first: number | undefined;
    for await (const _ of cluster.streamLog(namespace, pod, { container: "predictor", tail_lines: tail, timestamps: true })) {
      first ??= performance.now() - began;
    }
    const whole = performance.now() - began;
    return { first: first ?? whole, whole };
  };
}

/** Through the API, over a connection that is kept. */
export async function apiWay(system: RunningSystem, path: string, accept: string): Promise<Way> {
  const headers = { accept, authorization: await system.authorization() };
  const agent = new Agent({ keepAlive: true });
  return () =>
    new Promise((resolve, reject) => {
      const began = performance.now();
      get(system.url + path, { agent, headers }, (answer) => {
        let first: number | undefined;
        answer.on("data", () => (first ??= performance.now() - began));
        answer.on("end", () => {
          const whole = performance.now() - began;
          if (answer.statusCode === 200) resolve({ first: first ?? whole, whole });
          else reject(new Error(`GET ${path} answered ${answer.statusCode}`));
        });
      }).on("error", reject);
    });
}

/** The operation behind the API in the process of whoever asks: no HTTP API, no worker, no role. */
export async function operationWay(system: RunningSystem, cluster: Cluster, id: string, tail: number): Promise<Way> {
  const call = dynamodb(system);
  const { TableNames } = await call<{ TableNames: string[] }>("ListTables", {});
  const table = TableNames.find((name) => name.includes("Record")) ?? "";
  const record = dynamoRecord(documents(call), table, systemClock);
  const read = transientLogs({ record, clusters: async () => cluster, maskSecrets: async () => null });
  const caller = { actor: "bench", roles: new Map(), platformAdmin: true };
  return async () => {
    const began = performance.now();
    await read(caller, id, { container_name: "predictor", tail, previous: false, sort: "asc", asked: {} });
    const whole = performance.now() - began;
    return { first: whole, whole };
  };
}

/** What a function says at the end of each call, as on Lambda: milliseconds of those since then, in order. */
export async function durations(system: RunningSystem, name: string, since: number): Promise<number[]> {
  const call = jsonCalls(awsClient("CLOUDWATCH_LOGS", surroundings(system), 10_000), { version: "1.1", target: "Logs_20140328" });
  const { logGroups } = await call<{ logGroups: { logGroupName: string }[] }>("DescribeLogGroups", {});
  const logGroupName = logGroups.find((group) => group.logGroupName.includes(name))?.logGroupName;
  const { events } = await call<{ events: { message: string }[] }>("FilterLogEvents", {
    logGroupName,
    startTime: since,
    filterPattern: "REPORT",
  });
  return events.flatMap(({ message }) => /Duration: ([\d.]+) ms/.exec(message)?.[1] ?? []).map(Number);
}

/** The API server itself, past everything of ours. */
export async function rawCluster(system: RunningSystem, options: string[]): Promise<Cluster> {
  const file = options[options.indexOf("--kubeconfig") + 1];
  if (options.length === 0 || file === undefined) return eksClusters(surroundings(system))("local");
  const { server, ...connection } = connectionOf(readKubeconfig(file));
  const { agent, headers } = await connection.options();
  const token = (headers.authorization ?? "").replace(/^Bearer /, "");
  const forget = () => {};
  const reached = { endpoint: server, agent: agent as KubernetesConnection["agent"] };
  const access = { connection: async () => reached, token: async () => token, forgetConnection: forget, forgetToken: forget };
  return kubernetesClient(access, systemClock);
}

const dynamodb = (system: RunningSystem): AwsCall =>
  jsonCalls(awsClient("DYNAMODB", surroundings(system), 3_000), { version: "1.0", target: "DynamoDB_20120810" });

/** As the person who has started it. */
const surroundings = (system: RunningSystem): AwsSurroundings => ({
  region: "us-east-1",
  credentials: async () => ({ accessKeyId: "local", secretAccessKey: "local" }),
  clock: systemClock,
  endpointUrl: `${system.url}/aws`,
});
