/** The load client in a thread of its own, so that it is not late when the bench has something else to do. */
import { parentPort, workerData } from "node:worker_threads";
import { LoadClient, type LoadPlan } from "./load-client.ts";

const { plan, part } = workerData as { plan: LoadPlan; part: string };
const client = new LoadClient(plan, part);

parentPort?.on("message", async (message: { begin: string } | "stop") => {
  if (message !== "stop") return client.begin(message.begin);
  parentPort?.postMessage(await client.stop());
  parentPort?.close();
});
