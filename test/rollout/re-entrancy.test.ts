import { beforeEach, describe, expect, it } from "vitest";
import type { WorkflowInput } from "../../lambdas/ports/workflows.ts";
import { awaitReady } from "../../lambdas/rollout/await-ready.ts";
import { complete } from "../../lambdas/rollout/complete.ts";
import { prepare } from "../../lambdas/rollout/prepare.ts";
import { provisionSlot } from "../../lambdas/rollout/provision-slot.ts";
import { recordFailure } from "../../lambdas/rollout/record-failure.ts";
import { retireSlot } from "../../lambdas/rollout/retire-slot.ts";
import { shiftTraffic } from "../../lambdas/rollout/shift-traffic.ts";
import { takeRouteAway } from "../../lambdas/rollout/take-route-away.ts";
import { completeShutdown } from "../../lambdas/shutdown/complete-shutdown.ts";
import { probeServer } from "../../lambdas/smoke-test/probe-server.ts";
import { sendSmokeTests } from "../../lambdas/smoke-test/send-smoke-tests.ts";
import { Crash, crashing } from "../doubles/crashing.ts";
import { allTheTime, Scene } from "./scene.ts";

type Ports = Scene["ports"];
type Step = (input: WorkflowInput, ports: Ports) => Promise<unknown>;

const rollout: [string, Step][] = [
  ["prepare", prepare],
  ["provision-slot", provisionSlot],
  ["await-ready", (input, ports) => awaitReady(input, ports, allTheTime)],
  ["probe-server", probeServer],
  ["send-smoke-tests", (input, ports) => sendSmokeTests(input, ports, allTheTime)],
  ["shift-traffic", shiftTraffic],
  ["retire-slot", retireSlot],
  ["complete", complete],
];
const shutdown: [string, Step][] = [
  ["take-route-away", takeRouteAway],
  ["retire-slot", retireSlot],
  ["complete-shutdown", completeShutdown],
];

const writes = /^(create|patch|remove|enterStep|save|endOperation|commit)/;
const mostWrites = 25;

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});

async function run(steps: [string, Step][], input: WorkflowInput): Promise<void> {
  for (const [, step] of steps) await step(input, scene.ports);
}

type Written = "record" | "cluster";

/** The step dies at its n-th write to the record, or to the cluster; then it is run again, whole. */
async function dieAndRunAgain(step: Step, input: WorkflowInput, written: Written, at: number, when: "before" | "after"): Promise<boolean> {
  const counts = (method: string) => writes.test(method);
  const cluster = written === "cluster" ? crashing(scene.cluster, at, when, counts) : scene.cluster;
  const record = written === "record" ? crashing(scene.record, at, when, counts) : scene.record;
  const died = await step(input, { ...scene.ports, clusters: async () => cluster, record }).then(
    () => false,
    (error: unknown) => {
      if (error instanceof Crash) return true;
      throw error;
    },
  );
  if (died) await step(input, scene.ports);
  return died;
}

/** What is there in the end, whatever happened on the way. */
async function inTheEnd(): Promise<object> {
  const { slots, active_operation, last_operation, deleted_at } = await scene.head();
  const kinds = ["Deployment", "Service", "Pod", "HorizontalPodAutoscaler", "Secret", "HTTPRoute"] as const;
  const objects = kinds.flatMap((kind) => scene.cluster.named(kind).map((name) => `${kind} ${name.replace(/^card-scorer-[^-]+/, "x")}`));
  const route = scene.cluster.route()?.backends.map(({ weight }) => weight);
  return { slots, isActive: active_operation !== null, outcome: last_operation?.outcome, isDeleted: deleted_at !== null, objects, route };
}

const secret_env = [{ name: "API_KEY", secret: true as const }];

async function begin(): Promise<WorkflowInput> {
  const specification = { predictor: { ...(await import("../doubles/deployments.ts")).aSpecification().predictor, env: secret_env } };
  const input = await scene.start(specification);
  scene.secrets.store(scene.uid, 1, { component: "predictor", values: { API_KEY: "k" }, kept: null });
  return input;
}

const deaths = [
  ["before", "record"],
  ["after", "record"],
  ["before", "cluster"],
  ["after", "cluster"],
] as const;

describe.each(deaths)("a step that dies %s a write to the %s", (when, written) => {
  it.each(rollout)("%s of a start is run again as if nothing had happened", async (name, step) => {
    await run(rollout, await begin());
    const expected = await inTheEnd();
    expect(expected).toMatchObject({ outcome: "SUCCEEDED", objects: expect.arrayContaining(["Secret x-p1-1", "HTTPRoute x"]) });
    for (let at = 1, died = true; died; at++) {
      expect(at).toBeLessThan(mostWrites);
      scene = new Scene();
      const input = await begin();
      const index = rollout.findIndex(([other]) => other === name);
      await run(rollout.slice(0, index), input);
      died = await dieAndRunAgain(step, input, written, at, when);
      await run(rollout.slice(index + 1), input);
      expect(await inTheEnd()).toEqual(expected);
    }
  });

  it.each(shutdown)("%s of a delete is run again as if nothing had happened", async (name, step) => {
    for (let at = 1, died = true; died; at++) {
      expect(at).toBeLessThan(mostWrites);
      scene = new Scene();
      await run(rollout, await begin());
      const input = await scene.begin("DELETE");
      const index = shutdown.findIndex(([other]) => other === name);
      await run(shutdown.slice(0, index), input);
      died = await dieAndRunAgain(step, input, written, at, when);
      await run(shutdown.slice(index + 1), input);
      expect(await inTheEnd()).toEqual({
        slots: { blue: null, green: null },
        isActive: false,
        outcome: "SUCCEEDED",
        isDeleted: true,
        objects: [],
        route: undefined,
      });
    }
  });

  it("record-failure ends the operation once", async () => {
    for (let at = 1, died = true; died; at++) {
      expect(at).toBeLessThan(mostWrites);
      scene = new Scene();
      const input = await begin();
      await prepare(input, scene.ports);
      const failure = {
        Error: "ClusterRefused",
        Cause: '{"errorType":"ClusterRefused","errorMessage":"Forbidden: exceeded quota"}',
        State: "Prepare",
      };
      died = await dieAndRunAgain((given, ports) => recordFailure({ ...given, failure }, ports), input, written, at, when);
      const head = await scene.head();
      expect(head.last_operation).toMatchObject({ outcome: "FAILED", cause: { reason: "Forbidden", message: "exceeded quota" } });
      expect((scene.record.events_.get(scene.uid) ?? []).filter(({ type }) => type === "Operation Ended")).toHaveLength(1);
    }
  });
});

describe("an executor that was overtaken", () => {
  const cleaning: [string, Step][] = [...rollout, ["take-route-away", takeRouteAway]];
  it.each(cleaning)("%s writes nothing", async (name, step) => {
    const input = await begin();
    const before = rollout.findIndex(([other]) => other === name);
    await run(rollout.slice(0, Math.max(0, before)), input);
    scene.overtake();
    const mutations = scene.cluster.mutations.length;
    const head = await scene.head();
    await expect(step(input, scene.ports)).rejects.toMatchObject({ name: "StaleEpoch" });
    expect(scene.cluster.mutations.length).toBe(mutations);
    expect(await scene.head()).toEqual(head);
  });

  it("cannot move a route that a newer epoch has claimed, even when it began before", async () => {
    const input = await begin();
    await run(rollout.slice(0, 5), input);
    const route = [...scene.cluster.objects.values()].find(({ kind }) => kind === "HTTPRoute");
    if (route) route.metadata.annotations = { "slipway.dev/epoch": "2" };
    await expect(shiftTraffic(input, scene.ports)).rejects.toMatchObject({ name: "StaleEpoch" });
    expect(scene.cluster.route()?.backends).toEqual([]);
  });
});
