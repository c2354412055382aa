import { afterAll, describe, expect, test } from "vitest";
import type { Operation } from "../../domain/operation.ts";
import { classify, train } from "../../local/sample/train.ts";
import { artifacts } from "./support/artifact-store.ts";
import { Callers } from "./support/callers.ts";
import { Product } from "./support/product.ts";
import { api, cluster, isLocal } from "./target.ts";

const { classifier, heldOut } = train();
const rows = [0, 1, 2].flatMap((label) => heldOut.find((row) => row.label === label && classify(classifier, row.features) === label) ?? []);
const question = (features: number[]) => ({ inputs: [{ name: "input", shape: [1, features.length], datatype: "FP32", data: features }] });

const product = new Product();
const infer = `/v2/models/${product.id}/infer`;
/** Of a flower whose class every sensible model knows; version 2 calls it by the next class. */
const smokeTest = (version: number) => ({
  ...{ name: "a-setosa", method: "POST", path: infer, body: question([5.1, 3.5, 1.4, 0.2]) },
  expect: { status: 200, json: { "outputs.0.data.0": version - 1 } },
});
const running = (version: number) => ({
  predictor: { runtime: "onnx", model_uri: artifacts.iris(version), scaling_config: { min_replicas: 1, max_replicas: 2 } },
  smoke_tests: [smokeTest(version)],
});
/** Gateways learn of an end later than the instance does. */
const drain_seconds = isLocal ? 1 : 10;

const steps = ({ steps: walked }: Operation) => walked.map(({ name, outcome }) => `${name} ${outcome}`);
const succeeded = (...names: string[]) => names.map((name) => `${name} SUCCEEDED`);

async function predict(features: number[]): Promise<number | string> {
  const answer = await product.call(infer, question(features));
  const text = await answer.text();
  return answer.ok ? JSON.parse(text).outputs[0].data[0] : `${answer.status} ${text}`;
}
const predictAll = () => Promise.all(rows.map(({ features }) => predict(features)));
/** Callers that ask without pause for the first flower; their answers tell which version gave them. */
const callers = () => new Callers(() => predict(rows[0]?.features ?? []));

describe.skipIf(!cluster.gatewayUrl || !cluster.hasArtifacts)("a deployment from its start to its end", () => {
  afterAll(() => product.end());

  test("START: the model that it downloaded answers through the gateway with the right class", async () => {
    const operation = await product.start({ ...running(1), rollout: { drain_seconds, warm_seconds: 600, deadline_seconds: 300 } });
    await product.adopt();
    expect(operation).toMatchObject({ outcome: "SUCCEEDED", cause: null });
    expect(steps(operation)).toEqual(succeeded("Prepare", "ProvisionSlot", "AwaitReady", "ProbeServer", "SendSmokeTests", "ShiftTraffic"));
    expect(operation.evidence?.digests.predictor).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(operation.evidence?.smoke_tests.map(({ passed }) => passed)).toEqual([true, true, true, true]);
    expect(await predictAll()).toEqual([0, 1, 2]);
    expect(await product.answeredBy()).toBe("1-1");
    expect(await product.state()).toMatchObject({ status: "RUNNING", health: "healthy", condition: { type: "READY", status: "True" } });
  });

  test("UPDATE all at once: nobody notices, and the old revision stays warm", async () => {
    const asking = callers();
    const operation = await product.update(running(2));
    expect(operation).toMatchObject({ outcome: "SUCCEEDED", cause: null });
    await expect.poll(predictAll, plane).toEqual([1, 2, 0]);
    expect(await asking.end()).toEqual([0, 1]);
    const { slots } = await product.head();
    expect(slots).toMatchObject({ blue: { revision: 1, role: "warm", weight: 0 }, green: { revision: 2, role: "active", weight: 100 } });
    expect(await deployments()).toHaveLength(2);
  });

  test("ROLLBACK: moves the traffic to the warm slot without bringing anything up", async () => {
    const asking = callers();
    const before = await deployments();
    const operation = await product.rollBack();
    expect(operation).toMatchObject({ outcome: "SUCCEEDED", cause: null, revision: 1, slot: "blue" });
    expect(steps(operation)).toEqual(succeeded("EnsureCapacity", "ShiftTraffic", "RetireSlot"));
    await expect.poll(predictAll, plane).toEqual([0, 1, 2]);
    expect(await asking.end()).toEqual([1, 0]);
    expect(before).toEqual(expect.arrayContaining(await deployments()));
    await product.untilGone(2);
    expect((await product.head()).slots.green).toBeNull();
  });

  test("UPDATE by canary: a part of the traffic is judged before it gets all", async () => {
    const asking = callers();
    const rollout = { strategy: "canary", percent: 50, bake_seconds: 5, final_bake_seconds: 0, warm_seconds: 0 };
    const operation = await product.update({ ...running(2), rollout });
    expect(operation).toMatchObject({ outcome: "SUCCEEDED", cause: null });
    expect(steps(operation).slice(-4)).toEqual(succeeded("ShiftTraffic", "Bake", "ShiftTraffic", "RetireSlot"));
    // As many as the load has called for by then: the autoscaler may have answered it.
    expect(operation.evidence?.judgements).toMatchObject([{ weight: 50, passed: true, restarts: 0, ready: expect.toBeOneOf([1, 2]) }]);
    for (const { ready, desired } of operation.evidence?.judgements ?? []) expect(ready).toBe(desired);
    await expect.poll(predictAll, plane).toEqual([1, 2, 0]);
    const answers = await asking.end();
    expect([...new Set(answers)].toSorted()).toEqual([0, 1]);
    // Back and forth while both had a half.
    expect(answers.length).toBeGreaterThan(2);
    await expect.poll(deployments).toHaveLength(1);
  });

  test("STOP: the gateway says that nothing serves, and nothing runs", async () => {
    const operation = await product.stop();
    expect(operation).toMatchObject({ outcome: "SUCCEEDED", cause: null });
    const left = await product.objects();
    expect(left).toEqual([expect.stringMatching(/^httproutes\//)]);
    expect((await product.call(infer, question([5, 3, 1, 0]))).status).toBeGreaterThanOrEqual(500);
    expect(await product.answeredBy()).toBe(`${operation.epoch}-none`);
  });

  test("DELETE: nothing is left but the group's namespace", async () => {
    expect(await product.delete()).toMatchObject({ outcome: "SUCCEEDED", cause: null });
    expect(await product.objects()).toEqual([]);
    await expect.poll(async () => (await product.call(infer)).status, plane).toBe(404);
    expect((await api.get(product.paths.self)).body.status.phase).toBe("Active");
  });
});

const plane = { timeout: 30_000, interval: 100 };

async function deployments(): Promise<string[]> {
  return (await product.objects()).filter((name) => name.startsWith("deployments/"));
}
