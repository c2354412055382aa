import { rmSync, writeFileSync } from "node:fs";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { ColdStart } from "./cold-start.ts";
import { httpEvent, streamEvent } from "./events.ts";
import type { RunningSystem } from "./running-system.ts";

/** Starts a function anew and gives it this event. */
export type Call = (functionName: string, event: object) => Promise<ColdStart>;

/** While this file is there, smoke tests get no answer and instances do not leave (held-server.mjs). */
export interface Hold {
  file: string;
}

interface Fence {
  uid: string;
  operation_id: string;
  epoch: number;
}

/**
 * Gives each function one event that it has real work with: steps, of operations that stand still in their smoke test,
 * or in waiting for instances that will not leave.
 */
export async function callEachFunction(round: number, system: RunningSystem, hold: Hold, tableName: string, call: Call): Promise<void> {
  writeFileSync(hold.file, "");
  const id = `held-${round}`;
  const { answer } = await call("ChangeRecord", httpEvent("POST /v1/deployments", { body: heldDeployment(id) }));
  const fence = fenceOf(JSON.parse(answer.body));
  const failing = fenceOf(await system.call("POST", "/v1/deployments", heldDeployment(`failing-${round}`)));
  for (const { operation_id } of [fence, failing]) await untilIn("SendSmokeTests", operation_id, system);

  for (const step of ["Prepare", "ProvisionSlot", "AwaitReady", "ProbeServer"]) await call(step, fence);
  rmSync(hold.file);
  await call("SendSmokeTests", fence);
  writeFileSync(hold.file, "");
  for (const step of ["ShiftTraffic", "EnsureCapacity", "Bake"]) await call(step, fence);
  await call("MaskSecrets", { uid: fence.uid, revision: 1, texts: ["what a program has written"] });
  await call("DescribeApi", httpEvent("GET /v1/openapi.json"));
  await call("ReadRecord", httpEvent("GET /v1/deployments/{id}", { parameters: { id } }));
  await call("InspectCluster", httpEvent("GET /v1/deployments/{id}/state", { parameters: { id }, query: { live: "true" } }));
  await call("Sync", {});
  await call("PublishEvents", streamEvent(await startedEventOf(fence.uid, system, tableName)));
  await call("RecordFailure", { ...failing, failure: { Error: "SlotFailed", Cause: "it did not come up", State: "AwaitReady" } });
  await call("Complete", fence);

  const { operation: stop } = await system.call("POST", `/v1/deployments/${id}/stop`);
  await untilIn("RetireSlot", stop.id, system);
  const stopping = { ...fence, operation_id: stop.id, epoch: 2 };
  for (const step of ["TakeRouteAway", "RetireSlot", "CompleteShutdown"]) await call(step, stopping);
}

const heldDeployment = (id: string): object => ({
  ...{ group: "demo", name: id, id, environment: "staging", access: "public", predictor: { image: "bench/held:1" } },
  smoke_tests: [{ name: "held", method: "POST", path: "/hold", body: {}, expect: { status: 200 } }],
});

const fenceOf = ({ deployment, operation }: { deployment: { uid: string }; operation: { id: string } }): Fence => ({
  uid: deployment.uid,
  operation_id: operation.id,
  epoch: 1,
});

async function untilIn(step: string, operationId: string, system: RunningSystem): Promise<void> {
  await system.until(async () => {
    const { steps } = (await system.call("GET", `/v1/operations/${operationId}`)) as { steps: { name: string }[] };
    return steps.some(({ name }) => name === step) ? true : undefined;
  });
}

/** The item of the events that tell other systems that the first operation of a deployment began. */
async function startedEventOf(uid: string, system: RunningSystem, tableName: string): Promise<object> {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new DynamoDBClient({ endpoint: `${system.url}/aws`, region: "us-east-1", credentials });
  const values = { ":type": { S: "EVENT" }, ":uid": { S: uid } };
  const filter = { FilterExpression: "item_type = :type AND uid = :uid", ExpressionAttributeValues: values };
  const { Items = [] } = await client.send(new ScanCommand({ TableName: tableName, ...filter }));
  const started = Items.find((item) => JSON.stringify(item).includes("Operation Started"));
  if (started === undefined) throw new Error(`no event in ${tableName} tells that deployment ${uid} was started`);
  return started;
}
