import { expect, it } from "vitest";
import type { Head } from "../../domain/deployment.ts";
import { workloadName } from "../../domain/names.ts";
import { prepare } from "../../lambdas/rollout/prepare.ts";
import { provisionSlot } from "../../lambdas/rollout/provision-slot.ts";
import { watchSlots } from "../../lambdas/rollout/slot-watch.ts";
import { Scene } from "./scene.ts";

it("hears nothing of what is said of others in its namespace, nor of its autoscaler", async () => {
  const scene = new Scene();
  const input = await scene.start();
  await prepare(input, scene.ports);
  await provisionSlot(input, scene.ports);
  const head = (await scene.record.head(scene.uid)) as Head;
  const own = workloadName(head, "predictor", 1, head.epoch);
  const say = (kind: string, name: string) =>
    scene.cluster.put({
      ...{ apiVersion: "v1", kind: "Event", metadata: { name: `${name}.${kind}`, namespace: head.place.namespace } },
      ...{ involvedObject: { kind, name }, reason: "Said", message: "something" },
    });
  const watch = await watchSlots({ cluster: scene.cluster, clock: scene.clock }, head);
  await watch.explain();
  const begun = scene.clock.now();
  say("Pod", `another-${own}-67d9d8ffc8-x2x4z`);
  say("HorizontalPodAutoscaler", own);
  await watch.changed(5_000);
  expect(scene.clock.now() - begun).toBe(5_000);
  say("Pod", `${own}-67d9d8ffc8-x2x4z`);
  await watch.changed(5_000);
  expect(scene.clock.now() - begun).toBe(5_000);
  const { blue } = head.slots;
  const facts = blue && watch.facts("blue", blue);
  expect(facts?.components.predictor?.events.map(({ metadata }) => metadata.name)).toEqual([`${own}-67d9d8ffc8-x2x4z.Pod`]);
  watch.stop();
});
