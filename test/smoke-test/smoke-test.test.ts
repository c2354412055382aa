import { beforeEach, describe, expect, it } from "vitest";
import type { Specification } from "../../domain/specification.ts";
import { KubernetesError } from "../../lambdas/ports/cluster.ts";
import type { WorkflowInput } from "../../lambdas/ports/workflows.ts";
import { prepare } from "../../lambdas/rollout/prepare.ts";
import { provisionSlot } from "../../lambdas/rollout/provision-slot.ts";
import { probeServer } from "../../lambdas/smoke-test/probe-server.ts";
import { sendSmokeTests } from "../../lambdas/smoke-test/send-smoke-tests.ts";
import { aSpecification } from "../doubles/deployments.ts";
import { allTheTime, Scene } from "../rollout/scene.ts";

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});

async function provisioned(over: Partial<Specification> = {}): Promise<WorkflowInput> {
  const input = await scene.start(over);
  await prepare(input, scene.ports);
  await provisionSlot(input, scene.ports);
  return input;
}
const results = async (input: WorkflowInput) =>
  (await scene.operation(input)).evidence?.smoke_tests.map(({ name, passed, response }) => [name, passed, response.status]);
const ownImage = {
  predictor: { ...aSpecification().predictor, runtime: null, model: null, model_uri: null, image: "registry.example/scorer:1" },
};
const send = (input: WorkflowInput) => sendSmokeTests(input, scene.ports, allTheTime);
const infer = {
  name: "known-card",
  method: "POST" as const,
  path: "/v2/models/card-fraud/infer",
  body: { inputs: [] },
  expect: { status: 200 },
};

describe("the probe of a server", () => {
  it("accepts empty bodies and JSON bodies alike", async () => {
    const input = await provisioned();
    await probeServer(input, scene.ports);
    scene.cluster.answers.set("GET /v2/health/live", { status: 200, body: '{"status":"alive"}' });
    scene.cluster.answers.set("GET /v2/models/card-fraud", {
      status: 200,
      body: '{"name":"card-fraud","versions":null,"parameters":null}',
    });
    await probeServer(input, scene.ports);
    expect((await results(input))?.every(([, passed]) => passed)).toBe(true);
  });

  it("keeps what a server that is not ready answered", async () => {
    const input = await provisioned();
    scene.cluster.answers.set("GET /v2/models/card-fraud/ready", { status: 503, body: '{"error":"loading"}' });
    await expect(probeServer(input, scene.ports)).rejects.toMatchObject({
      name: "SmokeTestFailed",
      message: "predictor of revision 1 (blue): model is ready (GET /v2/models/card-fraud/ready): answered 503, expected 200: loading",
    });
    expect(await results(input)).toEqual([
      ["server is live", true, 200],
      ["model is ready", false, 503],
      ["model metadata", true, 200],
    ]);
  });

  it("notes that an image of one's own offers no metadata, and lets it pass", async () => {
    const input = await provisioned(ownImage);
    scene.cluster.answers.delete("GET /v2/models/card-fraud");
    scene.cluster.answers.set("GET /v2/health/ready", { status: 200, body: "" });
    await probeServer(input, scene.ports);
    expect((await results(input))?.at(-1)).toEqual(["model metadata", true, 404]);
  });

  it("asks the transformer too, and says when it is the one that does not answer", async () => {
    const transformer = { ...aSpecification().predictor, runtime: null, image: "registry.example/features:1" };
    const input = await provisioned({ transformer });
    const own = scene.cluster.named("Service").find((name) => /-t\d+-\d+$/.test(name)) as string;
    scene.cluster.backends.set(own, ({ path }) => ({ status: path.endsWith("/ready") ? 503 : 200, body: "" }));
    await expect(probeServer(input, scene.ports)).rejects.toMatchObject({
      name: "SmokeTestFailed",
      message: "transformer of revision 1 (blue): transformer is ready (GET /v2/health/ready): answered 503, expected 200",
    });
    expect((await results(input))?.slice(3)).toEqual([
      ["transformer is live", true, 200],
      ["transformer is ready", false, 503],
    ]);
  });

  it("tries again while the new Service has no endpoint yet, and tells when it gets none", async () => {
    const input = await provisioned();
    const service = scene.cluster.named("Service")[0] as string;
    const backend = scene.cluster.backends.get(service);
    let refusals = 3;
    scene.cluster.backends.set(service, (request, target) => {
      if (refusals-- > 0) throw new KubernetesError(503, "ServiceUnavailable", `no endpoints available for service "${service}"`);
      return backend?.(request, target) as never;
    });
    await probeServer(input, scene.ports);
    refusals = Number.POSITIVE_INFINITY;
    await expect(probeServer(input, scene.ports)).rejects.toMatchObject({ message: expect.stringContaining("no endpoints available") });
  });
});

describe("a revision without tests of its own", () => {
  const metadata = "GET /v2/models/card-fraud";
  const answer = "POST /v2/models/card-fraud/infer";
  const describeInputs = (shape: unknown) =>
    scene.cluster.answers.set(metadata, {
      status: 200,
      body: JSON.stringify({ name: "card-fraud", inputs: [{ name: "x", datatype: "FP32", shape }] }),
    });
  const generated = async (input: WorkflowInput) => (await scene.operation(input)).evidence?.smoke_tests[3];

  it("is asked for one answer, by a request made from its metadata", async () => {
    const input = await provisioned();
    describeInputs([-1, 4]);
    await probeServer(input, scene.ports);
    expect(await generated(input)).toMatchObject({
      name: "generated request",
      passed: true,
      request: { method: "POST", path: "/v2/models/card-fraud/infer", body: expect.stringContaining('"shape":[1,4]') },
      response: { status: 200 },
    });
  });

  it("fails when its server breaks over what its own metadata asks for", async () => {
    const input = await provisioned();
    describeInputs([-1, 4]);
    scene.cluster.answers.set(answer, { status: 500, body: '{"error":"segmentation fault"}' });
    await expect(probeServer(input, scene.ports)).rejects.toMatchObject({
      name: "SmokeTestFailed",
      message:
        "predictor of revision 1 (blue): generated request (POST /v2/models/card-fraud/infer): answered 500 to a request made from the model's own metadata: segmentation fault",
    });
  });

  it.each([
    ["the server refuses the request", [-1, 4], { status: 400, body: '{"error":"needs a correlation id"}' }],
    ["the shape was a guess", [-1, -1], { status: 500, body: '{"error":"wrong shape"}' }],
    ["the answer has no outputs", [-1, 4], { status: 200, body: "ok" }],
    ["the answer is too long to be looked at", [-1, 4], { status: 200, body: '{"outputs":[', is_cut: true as const }, "longer than 1 MiB"],
  ])("is let through with a note when %s", async (_what, shape, reply, note = "give smoke_tests") => {
    const input = await provisioned();
    describeInputs(shape);
    scene.cluster.answers.set(answer, reply);
    await probeServer(input, scene.ports);
    expect(await generated(input)).toMatchObject({ passed: true, failure: null, note: expect.stringContaining(note) });
  });

  const registered = { inputs: [{ name: "x", datatype: "FP32" as const, shape: [-1, 4] }], outputs: [] };
  const withSignature = async (over: Partial<Specification> = {}) => {
    const input = await provisioned(over);
    const revision = scene.record.revisions_.get(input.uid)?.get(1);
    if (revision) revision.resolved.predictor.signature = registered;
    return input;
  };

  it("is asked for what its version was registered with, where the server tells nothing of it", async () => {
    const input = await withSignature();
    await probeServer(input, scene.ports);
    expect(await generated(input)).toMatchObject({ passed: true, request: { body: expect.stringContaining('"shape":[1,4]') } });
    scene.cluster.answers.set(answer, { status: 500, body: '{"error":"five columns"}' });
    await expect(probeServer(input, scene.ports)).rejects.toMatchObject({
      message: expect.stringContaining("made from the model's own metadata and the signature of its version"),
    });
  });

  it("is asked nothing of the sort where its server speaks another protocol", async () => {
    const input = await withSignature({ predictor: { ...aSpecification().predictor, runtime: "tensorflow" } });
    scene.cluster.answers.set("GET /v1/models/card-fraud", { status: 200, body: "{}" });
    await probeServer(input, scene.ports);
    expect(await results(input)).toHaveLength(2);
  });

  it("keeps what long metadata says beside the answer that is cut", async () => {
    const input = await provisioned();
    const inputs = Array.from({ length: 60 }, (_, index) => ({ name: `column-${index}`, datatype: "FP64", shape: [-1, 1] }));
    scene.cluster.answers.set(metadata, { status: 200, body: JSON.stringify({ name: "card-fraud", inputs }) });
    await probeServer(input, scene.ports);
    expect((await scene.operation(input)).evidence?.signature).toEqual({ inputs, outputs: [] });
    scene = new Scene();
    const other = await provisioned();
    await probeServer(other, scene.ports);
    expect((await scene.operation(other)).evidence).not.toHaveProperty("signature");
  });

  it("is asked nothing more where the metadata describes no inputs, nor with tests of its own", async () => {
    const input = await provisioned();
    await probeServer(input, scene.ports);
    expect(await results(input)).toHaveLength(3);
    scene = new Scene();
    const other = await provisioned({ smoke_tests: [infer] });
    describeInputs([1]);
    await probeServer(other, scene.ports);
    expect(await results(other)).toHaveLength(3);
  });
});

describe("smoke tests", () => {
  it("are all sent, and the first failure is told with how many failed", async () => {
    const wrong = { ...infer, expect: { status: 200, json: { "outputs.0.data.0": 9 } } };
    const smoke_tests = [{ ...wrong, name: "a" }, infer, { ...wrong, name: "c" }];
    const input = await provisioned({ smoke_tests });
    await probeServer(input, scene.ports);
    await expect(send(input)).rejects.toMatchObject({
      name: "SmokeTestFailed",
      message:
        "predictor of revision 1 (blue): smoke test a (POST /v2/models/card-fraud/infer): outputs.0.data.0 is 1, expected 9 (and 1 more of 3 tests)",
    });
    expect((await results(input))?.map(([name, passed]) => `${name} ${passed}`).slice(3)).toEqual([
      "a false",
      "known-card true",
      "c false",
    ]);
  });

  it("are sent a few at a time, and alone where their time is measured", async () => {
    const plain = Array.from({ length: 9 }, (_, index) => ({ ...infer, name: `plain-${index}` }));
    const timed = Array.from({ length: 2 }, (_, index) => ({
      ...infer,
      name: `timed-${index}`,
      expect: { status: 200, max_latency_ms: 5000 },
    }));
    const smoke_tests = [timed[0] as never, ...plain, timed[1] as never];
    const input = await provisioned({ smoke_tests });
    await probeServer(input, scene.ports);
    const service = scene.cluster.named("Service")[0] as string;
    let [underWay, most] = [0, 0];
    const besides: number[] = [];
    scene.cluster.backends.set(service, async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      besides.push(underWay);
      await scene.clock.sleep(10);
      underWay -= 1;
      return { status: 200, body: "{}" };
    });
    await send(input);
    expect(most).toBe(4);
    expect(besides.slice(-2)).toEqual([1, 1]);
    expect((await results(input))?.slice(3).map(([name]) => name)).toEqual(smoke_tests.map(({ name }) => name));
  });

  it("go to the transformer where there is one: that is what callers meet", async () => {
    const transformer = { ...aSpecification().predictor, runtime: null, image: "registry.example/features:1" };
    const input = await provisioned({ smoke_tests: [infer], transformer });
    const asked: string[] = [];
    for (const name of scene.cluster.named("Service")) {
      scene.cluster.backends.set(name, () => {
        asked.push(name.replace(/.*-([pt])\d+-\d+$/, "$1"));
        return { status: 200, body: "{}" };
      });
    }
    await send(input);
    expect(asked).toEqual(["t"]);
  });

  it("are sent once only when the model answers with an error", async () => {
    let asked = 0;
    const input = await provisioned({ smoke_tests: [infer] });
    scene.cluster.backends.set(scene.cluster.named("Service")[0] as string, () => {
      asked += 1;
      return { status: 500, body: "Traceback (most recent call last)" };
    });
    await expect(send(input)).rejects.toMatchObject({ message: expect.stringContaining("answered 500, expected 200") });
    expect(asked).toBe(1);
  });

  it("are sent once only when no answer came in time: the model may have done what it was asked", async () => {
    let asked = 0;
    const input = await provisioned({ smoke_tests: [infer] });
    scene.cluster.backends.set(scene.cluster.named("Service")[0] as string, () => {
      asked += 1;
      throw new KubernetesError(504, "Timeout", "it took longer than 30000 ms");
    });
    await expect(send(input)).rejects.toMatchObject({ message: expect.stringContaining("no whole answer: it took longer than 30000 ms") });
    expect(asked).toBe(1);
  });

  it("keep long answers whole in the evidence bucket, and short in the record", async () => {
    const input = await provisioned({ smoke_tests: [infer] });
    scene.cluster.answers.set("POST /v2/models/card-fraud/infer", { status: 200, body: "x".repeat(5000) });
    await send(input);
    const { evidence } = await scene.operation(input);
    expect(evidence?.smoke_tests.at(-1)?.response.body).toHaveLength(2048);
    expect(JSON.stringify(scene.kept.get(evidence?.key ?? ""))).toContain("x".repeat(5000));
  });

  it("that there is no time left for are told, not forgotten", async () => {
    const input = await provisioned({ smoke_tests: [infer] });
    await expect(sendSmokeTests(input, scene.ports, () => 5_000)).rejects.toMatchObject({ message: expect.stringContaining("not sent") });
  });
});
