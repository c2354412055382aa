import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Kind } from "../../../domain/kubernetes.ts";
import type { Cluster } from "../../../lambdas/ports/cluster.ts";
import { exportOnnx } from "../../../local/sample/export-onnx.ts";
import { train } from "../../../local/sample/train.ts";
import { echoDeployment, writeEchoImage } from "./image.ts";
import { clusterOf } from "./operator.ts";
import { type Answer, System } from "./system.ts";

let system: System;
let folder: string;
let cluster: Cluster;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-failures-"));
  system = await System.start(["--no-sample", "--images", await writeEchoImage(folder)]);
  cluster = await clusterOf(system);
});
afterAll(async () => {
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Failing {
  specification: object;
  /** Where on its way the deployment stopped, and why. */
  condition: { type: string; reason: RegExp };
  cause: RegExp;
  /** Takes the cause away: a patch of the specification, or something else before the next start. */
  mend: object | (() => Promise<void>);
}

const whose = "predictor of revision 1 \\(blue\\): ";
const greeting = { name: "greets", method: "GET", path: "/hello", expect: { status: 200, json: { greeting: "hello" } } };

// Those that take longest come first: they wait for a time of the product's own.
const failing: Record<string, Failing> = {
  "is too large for every node": {
    specification: { predictor: { image: "test/echo:1", instance_type: "gpu.xlarge" } },
    condition: { type: "SCHEDULED", reason: /^Unschedulable$/ },
    cause: new RegExp(`^${whose}no node has room: .*Insufficient cpu`),
    mend: { predictor: { instance_type: "cpu.small" } },
  },
  "is not ready by its deadline": {
    specification: {
      predictor: { image: "test/echo:1", env: [{ name: "MODE", value: "unready" }] },
      rollout: { deadline_seconds: 60, drain_seconds: 0 },
    },
    condition: { type: "READY", reason: /^DeadlineExceeded$/ },
    cause: new RegExp(`^not ready by the deadline .*${whose}the server runs but is not ready: .*503`),
    mend: { predictor: { env: [] } },
  },
  "has a model that cannot be downloaded": {
    specification: { predictor: { runtime: "onnx", model_uri: "s3://late-models/iris/1" } },
    condition: { type: "INITIALIZED", reason: /^(Error|CrashLoopBackOff)$/ },
    cause: new RegExp(`^${whose}model download failed in container storage-initializer.*bucket does not exist: late-models`),
    mend: uploadModel,
  },
  "has an image that nobody has": {
    specification: { predictor: { image: "test/none:1" } },
    condition: { type: "INITIALIZED", reason: /^ImagePullBackOff$/ },
    cause: new RegExp(`^${whose}image test/none:1 cannot be pulled: not found$`),
    mend: { predictor: { image: "test/echo:1" } },
  },
  "has a server that crashes": {
    specification: { predictor: { image: "test/echo:1", env: [{ name: "MODE", value: "crash" }] } },
    condition: { type: "STARTED", reason: /^CrashLoopBackOff$/ },
    cause: new RegExp(`^${whose}the server crashed \\(exit code 3, .*\\): cannot find the weights$`),
    mend: { predictor: { env: [] } },
  },
  "gives another answer than its smoke test expects": {
    specification: { smoke_tests: [greeting], rollout: { drain_seconds: 0 } },
    condition: { type: "READY", reason: /^SmokeTestFailed$/ },
    cause: new RegExp(`^${whose}smoke test greets \\(GET /hello\\): greeting is null, expected "hello"$`),
    mend: { predictor: { env: [{ name: "GREETING", value: "hello" }] } },
  },
};

describe("a deployment that", () => {
  const names = Object.keys(failing);

  it.concurrent.each(names)(
    "%s fails with that cause, leaves nothing behind, and runs once it is mended",
    async (name) => {
      const { specification, condition, cause, mend } = failing[name] as Failing;
      const id = `failing-${names.indexOf(name)}`;
      const created = await system.call("POST", "/v1/deployments", { body: echoDeployment(id, specification) });
      const { uid } = created.body.deployment;
      await ended(created);

      const state = await stateOf(id);
      expect(state).toMatchObject({ status: "FAILED", health: "failed", operation: null, revisions: { wanted: 1, running: null } });
      expect(state.condition).toMatchObject({ type: condition.type, status: "False", reason: expect.stringMatching(condition.reason) });
      expect(state.condition.message).toMatch(cause);
      expect(state.last_operation).toMatchObject({ outcome: "FAILED", cause: { message: expect.stringMatching(cause) } });
      const operation = (await system.call("GET", `/v1/operations/${created.body.operation.id}`)).body;
      expect(operation).toMatchObject({ kind: "START", outcome: "FAILED", cause: { message: expect.stringMatching(cause) } });
      expect(operation.steps.filter(({ outcome }: { outcome: string }) => outcome === "FAILED")).toHaveLength(1);
      expect(await listed(id)).toMatchObject({ status: "FAILED" });
      expect((await system.call("GET", `/v1/deployments/${id}/instances?live=true`)).body.items).toEqual([]);
      await system.until(`nothing of ${id} is left`, async () => (await left(uid)).length === 0);

      await ended(await mended(id, mend));
      const running = await stateOf(id);
      expect(running).toMatchObject({ status: "RUNNING", health: "healthy", condition: { type: "READY", status: "True" } });
      expect(running.conditions.map(({ status }: { status: string }) => status)).toEqual(["True", "True", "True", "True"]);
      expect(running.last_operation).toMatchObject({ outcome: "SUCCEEDED", cause: null });
      expect(JSON.stringify(running)).not.toContain(state.condition.message);
      expect(await listed(id)).toMatchObject({ status: "RUNNING" });
    },
    180_000,
  );
});

/** Waits for the end of the operation that was begun. */
async function ended({ status, body }: Answer): Promise<void> {
  expect([status, body]).toEqual([202, expect.anything()]);
  const path = `/v1/operations/${body.operation.id}?wait=25`;
  await system.until(`${path} has ended`, async () => (await system.call("GET", path)).body.outcome !== null, 150);
}

async function mended(id: string, mend: Failing["mend"]): Promise<Answer> {
  if (typeof mend !== "function") return system.call("PATCH", `/v1/deployments/${id}`, { body: mend });
  await mend();
  return system.call("POST", `/v1/deployments/${id}/start`);
}

async function stateOf(id: string) {
  return (await system.call("GET", `/v1/deployments/${id}/state`)).body;
}

async function listed(id: string): Promise<object> {
  return (await system.call("GET", `/v1/deployments?search=${id}`)).body.items[0];
}

const workloads: Kind[] = ["Deployment", "ReplicaSet", "Pod", "Service", "Secret", "HorizontalPodAutoscaler", "PodDisruptionBudget"];

/** What is in the cluster of a deployment's workload. */
async function left(uid: string): Promise<string[]> {
  const scope = { namespace: null, labels: { "slipway.dev/uid": uid } };
  const lists = await Promise.all(workloads.map((kind) => cluster.list(kind, scope)));
  return lists.flatMap(({ items }) => items.map(({ metadata }) => metadata.name as string));
}

async function uploadModel(): Promise<void> {
  const credentials = { accessKeyId: "test", secretAccessKey: "local" };
  const s3 = new S3Client({ endpoint: `${system.url}/aws`, region: "us-east-1", credentials, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "late-models" }));
  await s3.send(new PutObjectCommand({ Bucket: "late-models", Key: "iris/1/model.onnx", Body: exportOnnx(train().classifier) }));
  s3.destroy();
}
