import { join } from "node:path";
import { awsClient } from "../lambdas/runtime/aws-client.ts";
import { type AwsCall, jsonCalls } from "../lambdas/runtime/aws-json.ts";
import { median, printMeasures, printTable, rounded, spread } from "./report.ts";
import { makeFolder, RunningSystem, removeFolder } from "./running-system.ts";
import { type Line, ofKind, readTrace, type TraceLine } from "./trace.ts";

const runs = 10;
const limitMilliseconds = 1_000;

/** From the event of a completed training job to the start of the rollout to staging: all of it is the control plane's own. */
export async function measurePromotion(): Promise<void> {
  const folder = makeFolder();
  const trace = join(folder, "trace.jsonl");
  const system = await RunningSystem.start(["--data", join(folder, "data"), "--trace", trace]);
  try {
    await system.sampleIsSettled();
    const taken: Way[] = [];
    // The first round starts the functions.
    for (let run = 0; run <= runs; run++) {
      const way = await promoteOnce(system, trace, `bench-${run}`);
      if (run > 0) taken.push(way);
    }
    report(taken);
  } finally {
    await system.stop();
    removeFolder(folder);
  }
}

/** Milliseconds from the event to the rollout, and of each function in all its calls; some of them go on at the same time. */
interface Way {
  whole: number;
  steps: Map<string, number>;
}

/** A model of its own: nothing else has its lane. Its rollout is ended once it has begun. */
async function promoteOnce(system: RunningSystem, trace: string, name: string): Promise<Way> {
  const call = (method: string, path: string, body: object) => system.call(method, path, body, { as: "admin" });
  const specification = { access: "public", rollout: { drain_seconds: 0 } };
  await call("POST", "/v1/models", { group: "demo", name });
  await call("PUT", `/v1/models/demo/${name}/promotion-policy`, { automatic: "staging", staging: { specification } });
  const before = readTrace(trace).length;
  const began = Date.now();
  await putEvent(system.url, { job_id: name, status: "COMPLETED", model: { group: "demo", name }, framework: "onnx" });
  const { promotion, rollout, lines } = await system.until(async () => {
    const { items } = await system.call("GET", `/v1/promotions?group=demo&model=${name}`);
    const seen = readTrace(trace, before);
    const started = rolloutOf(seen, items[0]?.stages[0]?.operation_id);
    return started && { promotion: items[0].id, rollout: started, lines: seen };
  });
  await call("POST", `/v1/promotions/${promotion}/abort`, {});
  return wayOf(lines, began, Date.parse(rollout.at));
}

/** An execution goes by its operation's id. */
const rolloutOf = (lines: TraceLine[], operation: string | undefined): Line<"execution"> | undefined =>
  ofKind(lines, "execution").find(({ execution, status }) => execution === operation && status === "RUNNING");

const takers = ["ReceiveEvent", "PublishEvents", "ResolveVersion", "DeployVersion"];

function wayOf(lines: TraceLine[], began: number, until: number): Way {
  const steps = new Map<string, number>();
  for (const line of ofKind(lines, "invocation").filter((one) => takers.includes(one.function) && Date.parse(one.at) < until)) {
    steps.set(line.function, (steps.get(line.function) ?? 0) + line.milliseconds);
  }
  return { whole: until - began, steps };
}

function report(taken: Way[]): void {
  const whole = taken.map((way) => way.whole);
  const what = "from the event to the rollout in staging, median";
  printMeasures("A promotion", [{ what, value: median(whole), limit: limitMilliseconds, unit: "ms", note: spread(whole) }]);
  const names = [...new Set(taken.flatMap(({ steps }) => [...steps.keys()]))];
  const rows = names.map((name) => [name, rounded(median(taken.map(({ steps }) => steps.get(name) ?? 0)))]);
  printTable(`A promotion: milliseconds by step, warm, median of ${runs} runs`, ["step", "ms"], rows);
}

async function putEvent(url: string, detail: Record<string, unknown> & { job_id: string }): Promise<void> {
  const clock = { now: Date.now, sleep: async () => undefined };
  const credentials = async () => ({ accessKeyId: "bench", secretAccessKey: "bench" });
  const client = awsClient("EVENTBRIDGE", { region: "us-east-1", credentials, clock, endpointUrl: `${url}/aws` }, 5_000);
  const bus: AwsCall = jsonCalls(client, { version: "1.1", target: "AWSEvents" });
  const Detail = JSON.stringify({ ...detail, artifact_uri: `s3://artifacts/${detail.job_id}` });
  const entry = { EventBusName: "slipway", Source: "model-studio", DetailType: "Training Job State Change", Detail };
  await bus("PutEvents", { Entries: [entry] });
}
