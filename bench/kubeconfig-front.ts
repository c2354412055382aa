import { join } from "node:path";
import { eksTokens } from "../lambdas/adapters/eks-token.ts";
import { exchange, type KubernetesConnection } from "../lambdas/adapters/kubernetes-request.ts";
import { https } from "../lambdas/runtime/node-http.ts";
import { Credentials } from "../local/aws/credentials.ts";
import { eksAuthenticator } from "../local/aws/eks/token.ts";
import { clusterIdentity } from "../local/cluster/api/certificate.ts";
import { connectionOf } from "../local/kubeconfig/connection.ts";
import { readKubeconfig, usualKubeconfig } from "../local/kubeconfig/file.ts";
import { startFront } from "../local/kubeconfig/front.ts";
import type { Application } from "../local/template/application.ts";
import { type Measure, printMeasures } from "./report.ts";
import { makeFolder, removeFolder } from "./running-system.ts";
import { percentile } from "./switch/load-client.ts";

const requests = 2_000;
const warmUp = 100;
/** What somebody who reads a state waits for twice at most. */
const limitMs = 2;
const roleArn = "arn:aws:iam::000000000000:role/Bench";

/** What the front of `npm start -- --kubeconfig` adds to a request of a function's: the same one, through it and past it in turn. */
export async function measureFront(): Promise<void> {
  const folder = makeFolder();
  const context = readKubeconfig(process.env.SLIPWAY_KUBECONFIG ?? usualKubeconfig());
  const cluster = connectionOf(context);
  const identity = await clusterIdentity(folder, "front");
  const credentials = new Credentials();
  const issued = credentials.issue(roleArn, "Bench");
  const check = { application: applicationOfOne(), credentials, cluster: "local", admits_person: false, now: Date.now };
  const front = await startFront({ connection: cluster, identity, authenticate: eksAuthenticator(check) });
  const keys = async () => ({
    ...{
      accessKeyId: issued.AWS_ACCESS_KEY_ID ?? "",
      secretAccessKey: issued.AWS_SECRET_ACCESS_KEY ?? "",
      sessionToken: issued.AWS_SESSION_TOKEN ?? "",
    },
  });
  const tokens = eksTokens("local", "us-east-1", keys, Date.now);
  const through = { endpoint: new URL(front.endpoint), agent: new https.Agent({ ca: identity.authority, keepAlive: true }) };
  const options = await cluster.options();
  const past = { endpoint: cluster.server, agent: options.agent as KubernetesConnection["agent"] };
  const administrator = (options.headers.authorization ?? "").replace(/^Bearer /, "");
  const milliseconds: Record<"through" | "past", number[]> = { through: [], past: [] };
  for (let count = -warmUp; count < requests; count++) {
    const took = { through: await timed(through, await tokens.token()), past: await timed(past, administrator) };
    if (count >= 0) for (const way of ["through", "past"] as const) milliseconds[way].push(took[way]);
  }
  through.agent.destroy();
  await front.stop();
  cluster.close();
  removeFolder(folder);
  printMeasures(`A request to ${cluster.server.href} through the front (${requests} of each, in turn)`, measures(milliseconds));
}

function measures({ through, past }: Record<"through" | "past", number[]>): Measure[] {
  return [50, 95].flatMap((percent): Measure[] => {
    const [with_, without] = [percentile(through, percent), percentile(past, percent)];
    const note = `${with_.toFixed(2)} ms through it, ${without.toFixed(2)} ms past it`;
    return [{ what: `added by the front, p${percent}`, value: with_ - without, limit: percent === 50 ? limitMs : null, unit: "ms", note }];
  });
}

async function timed(connection: KubernetesConnection, token: string): Promise<number> {
  const began = performance.now();
  const { status } = await exchange(connection, token, {
    method: "GET",
    path: "/version",
    timeoutMilliseconds: 10_000,
    limitBytes: 100_000,
  });
  if (status !== 200) throw new Error(`/version was answered ${status}`);
  return performance.now() - began;
}

/** As much of a template as the check of a token asks for: one access entry. */
function applicationOfOne(): Application {
  const properties = { ClusterName: "local", PrincipalArn: roleArn, KubernetesGroups: ["slipway:reader"] };
  const entry = { properties } as unknown as Application["resources"][number];
  return { stacks: [], resources: [entry], outputs: {}, ofType: () => [entry], asset: (key) => join("/", key) };
}
