/**
 * `npm run bench -- idle-connections [--rounds 15]`: POSTs through the gateway of the cluster that SLIPWAY_KUBECONFIG names,
 * at just the moment at which a model server closes connections that have been idle. Nothing is rolled out meanwhile.
 */
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { printTable, rounded } from "../../../bench/report.ts";
import { prediction } from "../../../bench/switch/deployment.ts";
import { plainObjects } from "../../../bench/switch/plain-objects.ts";
import { suiteLabel } from "../support/cluster-info.ts";
import { apply } from "../support/real-cluster.ts";
import { openStage } from "./real-stage.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "15" } } });
const rounds = Number(values.rounds);
/** As many at once as the gateway then keeps connections, over so many milliseconds around the moment. */
const atOnce = 240;
const widthMs = 40;
const forwarding = { headers: { "content-type": "application/json" } };

const stage = await openStage();
try {
  const place = await makePlace();
  const agent = new Agent({ keepAlive: true });
  const ask = () => post(`${stage.info.gatewayUrl}/predict`, agent);
  while ((await ask()) !== "200") await delay(200);
  const closesAfter = await closingTime(place);
  const fates: Record<string, number> = {};
  for (let round = 0; round < rounds; round++) {
    await Promise.all(Array.from({ length: atOnce }, ask));
    await delay(closesAfter - widthMs / 2);
    const due = Array.from({ length: atOnce }, (_, index) => delay((index * widthMs) / atOnce).then(ask));
    for (const fate of await Promise.all(due)) fates[fate] = (fates[fate] ?? 0) + 1;
  }
  agent.destroy();
  const rows = Object.entries(fates).map(([fate, times]) => [fate, String(times)]);
  printTable(
    `${rounds * atOnce} POSTs when a server closes what was idle for ${rounded(closesAfter / 1000)} s`,
    ["answered", "times"],
    rows,
  );
} finally {
  await stage.stop();
}

/** Two servers behind one route; gives their namespace. */
async function makePlace(): Promise<string> {
  const labels = { "app.kubernetes.io/managed-by": "slipway", [suiteLabel]: stage.info.run };
  const metadata = { generateName: "idle-", labels };
  const { name } = (await stage.api.make("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata })).metadata;
  for (const object of plainObjects("first", name)) await apply(stage.api, object);
  await stage.api.until(`/apis/apps/v1/namespaces/${name}/deployments`, "plain", ({ status }) => status?.availableReplicas === 2);
  return name;
}

function post(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve) => {
    const sent = request(url, { agent, method: "POST", ...forwarding }, (answer) => {
      answer.on("end", () => resolve(String(answer.statusCode))).resume();
    });
    sent.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message)).end(prediction);
  });
}

/** Milliseconds of idleness after which one of the servers has closed a connection. */
async function closingTime(place: string): Promise<number> {
  const [pod] = (await stage.api.get(`/api/v1/namespaces/${place}/pods`)).body.items;
  return new Promise((resolve, reject) => {
    let answeredAt = 0;
    const socket = connect(8080, pod.status.podIP, () => socket.write("GET /v2/health/live HTTP/1.1\r\nhost: model\r\n\r\n"));
    socket.on("data", () => (answeredAt = performance.now()));
    socket.on("error", reject).on("close", () => resolve(performance.now() - answeredAt));
  });
}
