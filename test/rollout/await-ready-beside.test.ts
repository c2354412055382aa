import { afterEach, describe, expect, it } from "vitest";
import { describeState } from "../../domain/state.ts";
import type { Cluster } from "../../lambdas/ports/cluster.ts";
import type { WorkflowInput } from "../../lambdas/ports/workflows.ts";
import { awaitReady } from "../../lambdas/rollout/await-ready.ts";
import { blindMilliseconds, longestBlindMilliseconds } from "../../lambdas/rollout/gateway-blindness.ts";
import { prepare } from "../../lambdas/rollout/prepare.ts";
import { provisionSlot } from "../../lambdas/rollout/provision-slot.ts";
import { cleanUp } from "../local/step-functions/machine-runner.ts";
import { allTheTime, Scene } from "./scene.ts";
import { WorkflowScene } from "./workflow-scene.ts";

afterEach(cleanUp);

it("what serves is looked at while the new revision is awaited: its crash is no part of the new one's condition", async () => {
  const scene = new Scene();
  await new WorkflowScene(scene).run("rollout", await scene.start());
  const serving = scene.cluster.named("Deployment")[0] as string;
  scene.cluster.fate = () => "is being pulled";
  const input = await scene.begin("UPDATE");
  await prepare(input, scene.ports);
  await provisionSlot(input, scene.ports);
  const watching = awaitReady(input, scene.ports, allTheTime);
  const state = async () => describeState(await scene.head(), await scene.record.observed(scene.uid), scene.clock.now());
  await scene.clock.sleep(5_000);
  expect(await state()).toMatchObject({ status: "UPDATING", health: "healthy", condition: { type: "INITIALIZED", status: "Unknown" } });
  scene.cluster.fate = (name) => (name === serving ? "crashes" : "is being pulled");
  scene.cluster.rerun(serving);
  await scene.clock.sleep(5_000);
  expect(await state()).toMatchObject({ status: "UPDATING", health: "failed", condition: { type: "INITIALIZED", status: "Unknown" } });
  scene.overtake();
  await expect(watching).rejects.toMatchObject({ name: "StaleEpoch" });
});

it("begun again beside what serves, it trusts the gateway a minute later: an API server that was gone has left that blind too", async () => {
  const scene = new Scene();
  await new WorkflowScene(scene).run("rollout", await scene.start());
  const input = await scene.begin("UPDATE");
  await prepare(input, scene.ports);
  await provisionSlot(input, scene.ports);
  await scene.record.enterStep(input, "AwaitReady", scene.at);
  await scene.clock.sleep(4_000);
  const begun = scene.clock.now();
  expect(await awaitReady(input, scene.ports, allTheTime)).toMatchObject({ ready: true });
  expect(scene.clock.now() - begun).toBeGreaterThanOrEqual(60_000);
  expect((await scene.record.observed(scene.uid))?.slots).toMatchObject({ green: { condition: { type: "READY", status: "True" } } });
});

describe("an outage of the API server that its watch outlives", () => {
  const outage = 3_000;

  /** How long it was awaited; every watch loses the API server at once, and finds it again. */
  async function awaitedThrough(input: WorkflowInput, scene: Scene, awayMilliseconds: number): Promise<number> {
    const { watch } = scene.cluster;
    scene.cluster.watch = (...[kind, scope, version, signal, returned]: Parameters<Cluster["watch"]>) => {
      void scene.clock.sleep(awayMilliseconds).then(() => returned?.(awayMilliseconds));
      return watch.call(scene.cluster, kind, scope, version, signal) as never;
    };
    scene.cluster.fate = () => "is being pulled";
    await prepare(input, scene.ports);
    await provisionSlot(input, scene.ports);
    const begun = scene.clock.now();
    const watching = awaitReady(input, scene.ports, allTheTime);
    await scene.clock.sleep(awayMilliseconds + 100);
    scene.cluster.fate = () => "ready";
    for (const name of scene.cluster.named("Deployment")) scene.cluster.rerun(name);
    expect(await watching).toMatchObject({ ready: true });
    return scene.clock.now() - begun;
  }

  it("leaves a gateway blind for as long as its pauses may be: what serves goes on until then", async () => {
    const scene = new Scene();
    await new WorkflowScene(scene).run("rollout", await scene.start());
    const waited = await awaitedThrough(await scene.begin("UPDATE"), scene, outage);
    expect(waited).toBeGreaterThanOrEqual(outage + blindMilliseconds(outage));
    expect(waited).toBeLessThan(longestBlindMilliseconds);
  });

  it("delays nothing where nobody can lose a request", async () => {
    const scene = new Scene();
    expect(await awaitedThrough(await scene.start(), scene, outage)).toBeLessThan(outage + blindMilliseconds(outage));
  });

  it.each([
    [0, 4_000],
    [3_000, 10_000],
    [10_000, 24_000],
    [Number.POSITIVE_INFINITY, 60_000],
  ])("of %d ms is believed to be over for others %d ms later", (away, blind) => {
    expect(blindMilliseconds(away)).toBe(blind);
  });
});

it("begun again where nobody can lose a request, it goes on at once; and never past its deadline", async () => {
  const scene = new Scene();
  const first = await scene.start();
  await prepare(first, scene.ports);
  await provisionSlot(first, scene.ports);
  await scene.record.enterStep(first, "AwaitReady", scene.at);
  await scene.clock.sleep(4_000);
  const begun = scene.clock.now();
  expect(await awaitReady(first, scene.ports, allTheTime)).toMatchObject({ ready: true });
  expect(scene.clock.now()).toBe(begun);
});
