import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addClient } from "../../domain/client-changes.ts";
import { WorkflowError } from "../../domain/errors.ts";
import { aSpecification } from "../doubles/deployments.ts";
import { cleanUp, machineArn } from "../local/step-functions/machine-runner.ts";
import { Scene } from "./scene.ts";
import { WorkflowScene } from "./workflow-scene.ts";

let scene: Scene;
let workflows: WorkflowScene;

beforeEach(() => {
  scene = new Scene();
  workflows = new WorkflowScene(scene);
});
afterEach(cleanUp);

const workloads = () => scene.cluster.named("Deployment");

/** What the route wants to be told of who is asking. */
const answersTo = () =>
  JSON.stringify([...scene.cluster.objects.values()].find(({ kind }) => kind === "HTTPRoute")?.spec).match(
    /"X-Slipway-Access","value":"(\w+)"/,
  )?.[1];

describe("a change of access", () => {
  it("holds whatever becomes of the rollout, for one change of the route, and is no matter of a rollback", async () => {
    await workflows.run("rollout", await scene.start());
    expect(answersTo()).toBe("public");
    const backends = scene.cluster.route()?.backends;
    const input = await scene.begin("UPDATE", { access: "private" });
    const mutations = scene.cluster.mutations.length;
    workflows.before = (name) => {
      if (name === "ProvisionSlot") throw new WorkflowError("ClusterRefused", "Forbidden", "not today");
    };
    await workflows.run("rollout", input);
    expect((await scene.operation(input)).outcome).toBe("FAILED");
    expect([answersTo(), scene.cluster.route()?.backends]).toEqual(["client", backends]);
    expect(scene.cluster.mutations.slice(mutations).filter((each) => each.startsWith("patch HTTPRoute"))).toHaveLength(1);

    workflows.before = () => {};
    await workflows.run("rollout", await scene.begin("RESTART"));
    expect(answersTo()).toBe("client");
    expect((await scene.head()).access).toBe("private");
  });
});

describe("a first start", () => {
  it("brings the revision up, tests it, moves the traffic and says so", async () => {
    const input = await scene.start();
    expect(await workflows.run("rollout", input)).toMatchObject({ status: "SUCCEEDED" });
    const head = await scene.head();
    expect(head.slots).toMatchObject({ blue: { revision: 1, role: "active", weight: 100 }, green: null });
    expect(head.active_operation).toBeNull();
    expect(scene.cluster.route()).toEqual({ epoch: "1", backends: [{ name: workloads()[0], weight: 100 }] });
    const operation = await scene.operation(input);
    expect(operation.outcome).toBe("SUCCEEDED");
    expect(operation.steps.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      "Prepare SUCCEEDED",
      "ProvisionSlot SUCCEEDED",
      "AwaitReady SUCCEEDED",
      "ProbeServer SUCCEEDED",
      "ShiftTraffic SUCCEEDED",
    ]);
    expect(operation.evidence?.digests.predictor).toBe(`sha256:${"3f1c0ffee0ddba11".repeat(4)}`);
    expect(operation.evidence?.smoke_tests.map(({ name, passed }) => `${name} ${passed}`)).toEqual([
      "server is live true",
      "model is ready true",
      "model metadata true",
    ]);
  });

  it("takes 12 transitions over both machines", async () => {
    const input = await scene.start();
    const { transitions } = await workflows.run("rollout", input);
    const nested = workflows.runner.inspect(
      `${machineArn("smoke-test").replace(":stateMachine:", ":execution:")}:${input.operation_id}-smoke-test-0`,
    );
    expect({ rollout: transitions, smokeTest: nested?.transitions }).toEqual({ rollout: 10, smokeTest: 2 });
  });

  it("asks the cluster for one change beyond what it creates", async () => {
    await workflows.run("rollout", await scene.start());
    expect(scene.cluster.mutations.filter((mutation) => !mutation.startsWith("create"))).toEqual([
      expect.stringMatching(/^patch HTTPRoute/),
    ]);
  });

  it("says why a slot cannot become ready, keeps its evidence and leaves nothing behind", async () => {
    scene.cluster.fate = () => "crashes";
    const input = await scene.start();
    const outcome = await workflows.run("rollout", input);
    expect(outcome).toMatchObject({ status: "FAILED", error: "SlotFailed" });
    const operation = await scene.operation(input);
    expect(operation).toMatchObject({
      outcome: "FAILED",
      cause: { reason: expect.any(String), message: expect.stringContaining("no such model") },
    });
    expect(operation.steps.find(({ name }) => name === "AwaitReady")?.outcome).toBe("FAILED");
    expect(operation.evidence?.logs).toMatchObject([{ container_name: "predictor", previous: true, lines: ["loading", "no such model"] }]);
    expect(scene.kept.has(operation.evidence?.key ?? "")).toBe(true);
    const head = await scene.head();
    expect(head.last_operation?.condition).toMatchObject({ type: "STARTED", status: "False" });
    expect(head.slots).toEqual({ blue: null, green: null });
    expect([...workloads(), ...scene.cluster.named("Service"), ...scene.cluster.named("Pod")]).toEqual([]);
  });

  it("ends at its deadline, with the condition it was in", async () => {
    scene.cluster.fate = () => "is being pulled";
    const input = await scene.start();
    expect(await workflows.run("rollout", input)).toMatchObject({ status: "FAILED", error: "DeadlineExceeded" });
    expect(await scene.operation(input)).toMatchObject({
      outcome: "FAILED",
      cause: { reason: "DeadlineExceeded", message: expect.stringMatching(/^not ready by the deadline .*INITIALIZED Unknown/) },
    });
  });

  it("fails with the smoke test's own words, out of the nested machine", async () => {
    const expectation = { status: 200, json: { "outputs.0.data.0": 0 } };
    const smoke_tests = [
      { name: "known-card", method: "POST" as const, path: "/v2/models/card-fraud/infer", body: {}, expect: expectation },
    ];
    const input = await scene.start({ smoke_tests });
    await workflows.run("rollout", input);
    const operation = await scene.operation(input);
    expect(operation.cause).toEqual({
      reason: "SmokeTestFailed",
      message:
        "predictor of revision 1 (blue): smoke test known-card (POST /v2/models/card-fraud/infer): outputs.0.data.0 is 1, expected 0",
    });
    expect(operation.steps.find(({ name }) => name === "SendSmokeTests")?.outcome).toBe("FAILED");
    expect((await scene.head()).last_operation?.condition).toMatchObject({ type: "READY", status: "False", reason: "SmokeTestFailed" });
    expect(operation.evidence?.smoke_tests.map(({ passed }) => passed)).toEqual([true, true, true, false]);
  });

  it("says what the gateway has against the route", async () => {
    scene.cluster.gatewayRefuses = "hostname is taken";
    const input = await scene.start();
    await workflows.run("rollout", input);
    expect((await scene.operation(input)).cause).toMatchObject({
      reason: "RouteNotAccepted",
      message: expect.stringContaining("hostname is taken"),
    });
  });

  it("comes through a cluster that does not answer for a while", async () => {
    workflows.before = (name, call) => {
      if (name === "ProvisionSlot" && call <= 3) throw new WorkflowError("ClusterUnavailable", "NoAnswer", "timeout");
    };
    expect(await workflows.run("rollout", await scene.start())).toMatchObject({ status: "SUCCEEDED" });
  });

  it("comes through a record that does not answer for a while, at its very end too", async () => {
    workflows.before = (name, call) => {
      if (call <= 3) throw new WorkflowError("ServiceUnavailable", "NoAnswer", `NoAnswer: ${name} was not answered within 3000 ms`);
    };
    expect(await workflows.run("rollout", await scene.start())).toMatchObject({ status: "SUCCEEDED" });
  });

  it("stops quietly, touching nothing, when a newer operation has begun", async () => {
    const input = await scene.start();
    let before = -1;
    workflows.before = (name) => {
      if (name !== "ShiftTraffic") return;
      scene.overtake();
      before = scene.cluster.mutations.length;
    };
    expect(await workflows.run("rollout", input)).toMatchObject({ status: "SUCCEEDED" });
    expect(scene.cluster.mutations.length).toBe(before);
    expect((await scene.operation(input)).outcome).toBeNull();
  });
});

describe("an update", () => {
  beforeEach(async () => {
    await workflows.run("rollout", await scene.start());
    scene.cluster.mutations.length = 0;
  });

  it("serves from the old revision until the new one is ready, and leaves only the new one", async () => {
    const [old] = workloads();
    const input = await scene.begin("UPDATE");
    workflows.before = (name) => {
      if (name === "ShiftTraffic") expect(scene.cluster.route()?.backends).toEqual([{ name: old, weight: 100 }]);
    };
    expect(await workflows.run("rollout", input)).toMatchObject({ status: "SUCCEEDED" });
    expect(workloads()).toHaveLength(1);
    expect(workloads()).not.toContain(old);
    expect(scene.cluster.route()).toEqual({ epoch: "2", backends: [{ name: workloads()[0], weight: 100 }] });
    expect((await scene.head()).slots).toMatchObject({ blue: null, green: { revision: 2, weight: 100, role: "active" } });
  });

  it("that fails leaves the old revision with all of its traffic", async () => {
    const [old] = workloads();
    scene.cluster.fate = (name) => (name === old ? "ready" : "image cannot be pulled");
    const input = await scene.begin("UPDATE");
    expect(await workflows.run("rollout", input)).toMatchObject({ status: "FAILED", error: "SlotFailed" });
    expect(workloads()).toEqual([old]);
    expect(scene.cluster.route()?.backends).toEqual([{ name: old, weight: 100 }]);
    expect((await scene.head()).slots).toMatchObject({ blue: { revision: 1, weight: 100 }, green: null });
  });

  it("whose traffic the gateway never takes gives it back before it removes anything", async () => {
    const [old] = workloads();
    scene.cluster.gatewayLag = 1_000;
    const input = await scene.begin("UPDATE");
    workflows.before = (name, call) => {
      if (name === "ShiftTraffic" && call === 3) scene.cluster.gatewayLag = 0;
      if (name === "RetireSlot") expect(scene.cluster.route()?.backends).toEqual([{ name: old, weight: 100 }]);
    };
    expect(await workflows.run("rollout", input)).toMatchObject({ status: "FAILED", error: "RouteNotAccepted" });
    expect(workloads()).toEqual([old]);
    expect((await scene.head()).slots).toMatchObject({ blue: { revision: 1, weight: 100 }, green: null });
  });

  it("by recreate makes room first, and says that nothing serves meanwhile", async () => {
    const [old] = workloads();
    const input = await scene.begin("UPDATE", { rollout: { ...aSpecification().rollout, strategy: "recreate" } });
    workflows.before = (name) => {
      if (name !== "ProvisionSlot") return;
      expect(workloads()).toEqual([]);
      expect(scene.cluster.route()?.backends).toEqual([]);
    };
    expect(await workflows.run("rollout", input)).toMatchObject({ status: "SUCCEEDED" });
    expect(workloads()).toHaveLength(1);
    expect(workloads()).not.toContain(old);
  });
});

describe("a stop", () => {
  it("removes everything but the route, which says that nothing serves", async () => {
    await workflows.run("rollout", await scene.start());
    expect(await workflows.run("shutdown", await scene.begin("STOP"))).toMatchObject({ status: "SUCCEEDED" });
    expect(["Deployment", "Service", "Pod", "HorizontalPodAutoscaler"].flatMap((kind) => scene.cluster.named(kind as "Pod"))).toEqual([]);
    expect(scene.cluster.route()).toEqual({ epoch: "2", backends: [] });
    expect(await scene.head()).toMatchObject({
      slots: { blue: null, green: null },
      active_operation: null,
      last_operation: { outcome: "SUCCEEDED" },
    });
  });

  it("waits for instances that take their time", async () => {
    await workflows.run("rollout", await scene.start());
    scene.cluster.lingering = true;
    const [name] = workloads();
    const input = await scene.begin("STOP");
    workflows.before = (step, call) => {
      if (step === "RetireSlot" && call === 2) scene.cluster.dropPods(name as string);
    };
    const outcome = await workflows.run("shutdown", input);
    expect(outcome.status).toBe("SUCCEEDED");
    expect(outcome.transitions).toBe(6);
  });

  it("that deletes takes the route too", async () => {
    await workflows.run("rollout", await scene.start());
    await workflows.run("shutdown", await scene.begin("DELETE"));
    expect(scene.cluster.route()).toBeUndefined();
    expect((await scene.head()).deleted_at).not.toBeNull();
  });

  it("that deletes leaves no secret value, and one that stops leaves them all", async () => {
    const env = [{ name: "API_KEY", secret: true as const }];
    await workflows.run("rollout", await scene.start({ predictor: { ...aSpecification().predictor, env } }));
    scene.secrets.store(scene.uid, 1, { component: "predictor", values: { API_KEY: "k" }, kept: null });
    await workflows.run("shutdown", await scene.begin("STOP"));
    expect(scene.secrets.items.size).toBe(1);
    await workflows.run("shutdown", await scene.begin("DELETE"));
    expect(scene.secrets.items.size).toBe(0);
  });

  it("that deletes leaves no client, and one that stops leaves them all", async () => {
    await workflows.run("rollout", await scene.start());
    const said = { actor: "ada", at: new Date(scene.clock.now()).toISOString() };
    await scene.record.annotate(addClient(await scene.head(), [], { name: "ci", token_hash: "h", expires_at: null, ...said }));
    const clients = async () => (await scene.record.clients(scene.uid, { limit: 100 })).items.length;
    await workflows.run("shutdown", await scene.begin("STOP"));
    expect(await clients()).toBe(1);
    await workflows.run("shutdown", await scene.begin("DELETE"));
    expect(await clients()).toBe(0);
  });
});
