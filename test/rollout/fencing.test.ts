import { beforeEach, describe, expect, it } from "vitest";
import type { Head } from "../../domain/deployment.ts";
import { abortOperation, endOperation } from "../../domain/operations.ts";
import type { Revision } from "../../domain/revision.ts";
import { holdSize, relaxScale } from "../../lambdas/rollout/scaling.ts";
import { aSpecification, autoscaled } from "../doubles/deployments.ts";
import { Scene } from "./scene.ts";
import { WorkflowScene } from "./workflow-scene.ts";

let scene: Scene;
let workflows: WorkflowScene;
beforeEach(async () => {
  scene = new Scene();
  workflows = new WorkflowScene(scene);
  await workflows.run("rollout", await scene.start());
});

const scaler = () => [...scene.cluster.objects.values()].find(({ kind }) => kind === "HorizontalPodAutoscaler");

describe("the size of what serves", () => {
  beforeEach(async () => {
    scene = new Scene();
    await new WorkflowScene(scene).run("rollout", await scene.start(autoscaled()));
  });
  const slotOf = (head: Head) => head.slots.blue as NonNullable<Head["slots"]["blue"]>;
  const revision = async () => (await scene.record.revision(scene.uid, 1)) as Revision;

  it("is not let go by an executor whose epoch is over", async () => {
    const old = await scene.head();
    const newer = { ...old, epoch: old.epoch + 1 };
    await holdSize(scene.cluster, newer, slotOf(newer), "predictor");
    await expect(relaxScale(scene.cluster, old, slotOf(old), await revision())).rejects.toMatchObject({ name: "StaleEpoch" });
    expect(scaler()?.spec).toMatchObject({ behavior: { scaleDown: { selectPolicy: "Disabled" } } });
  });

  it("is not let go by one that had looked before it was held again", async () => {
    const old = await scene.head();
    const newer = { ...old, epoch: old.epoch + 1 };
    await holdSize(scene.cluster, old, slotOf(old), "predictor");
    const patch = scene.cluster.patch.bind(scene.cluster);
    scene.cluster.patch = async (...given) => {
      scene.cluster.patch = patch;
      await holdSize(scene.cluster, newer, slotOf(newer), "predictor");
      return patch(...given);
    };
    await expect(relaxScale(scene.cluster, old, slotOf(old), await revision())).rejects.toMatchObject({ name: "StaleEpoch" });
    expect(scaler()?.spec).toMatchObject({ behavior: { scaleDown: { selectPolicy: "Disabled" } } });
  });
});

describe("an update that is aborted while it removes what served before", () => {
  it("leaves the traffic where it is, on record too", async () => {
    const input = await scene.begin("UPDATE");
    let after: Head | undefined;
    workflows.before = async (name) => {
      if (name !== "RetireSlot") return;
      const remove = scene.cluster.remove.bind(scene.cluster);
      scene.cluster.remove = async (...given) => {
        scene.cluster.remove = remove;
        const head = await scene.head();
        const ending = abortOperation(head, { operation_id: input.operation_id, actor: "ada@example.com", at: scene.at });
        after = await scene.record.endOperation(input, ending);
        return remove(...given);
      };
    };
    await workflows.run("rollout", input);
    expect(after?.slots).toMatchObject({ blue: null, green: { revision: 2, role: "active", weight: 100 } });
    expect(after?.revisions.running).toBe(2);
    expect(scene.cluster.route()?.backends).toEqual([expect.objectContaining({ weight: 100 })]);
  });

  it("removes nothing any more when it was aborted just before", async () => {
    const input = await scene.begin("UPDATE");
    let removals = -1;
    workflows.before = async (name) => {
      if (name !== "RetireSlot") return;
      const saveSlots = scene.record.saveSlots.bind(scene.record);
      scene.record.saveSlots = async (...given) => {
        scene.overtake();
        removals = scene.cluster.mutations.filter((mutation) => mutation.startsWith("remove")).length;
        return saveSlots(...given);
      };
    };
    await workflows.run("rollout", input);
    expect(removals).toBe(0);
    expect(scene.cluster.mutations.filter((mutation) => mutation.startsWith("remove"))).toEqual([]);
  });
});

it("a delete that was overtaken leaves the route to who has claimed it", async () => {
  const input = await scene.begin("DELETE");
  const remove = scene.cluster.remove.bind(scene.cluster);
  scene.cluster.remove = async (...given) => {
    if (given[0] === "HTTPRoute") {
      const [, namespace, name] = given;
      await scene.cluster.patch("HTTPRoute", namespace, name, { metadata: { annotations: { "slipway.dev/epoch": "9" } } });
    }
    return remove(...given);
  };
  await workflows.run("shutdown", input);
  expect(scene.cluster.route()?.epoch).toBe("9");
  expect((await scene.operation(input)).outcome).toBeNull();
});

it("a Secret goes with its Service, whoever made it when", async () => {
  const env = [{ name: "API_KEY", secret: true as const }];
  scene.secrets.store(scene.uid, 2, { component: "predictor", values: { API_KEY: "k" }, kept: null });
  await workflows.run("rollout", await scene.begin("UPDATE", { predictor: { ...aSpecification().predictor, env } }));
  const objects = [...scene.cluster.objects.values()];
  const service = objects.find(({ kind }) => kind === "Service");
  const owner = { apiVersion: "v1", kind: "Service", name: service?.metadata.name, uid: service?.metadata.uid };
  expect(objects.find(({ kind }) => kind === "Secret")?.metadata.ownerReferences).toEqual([owner]);
});

it("a failed update that could not give the traffic back keeps it on record", async () => {
  const input = await scene.begin("UPDATE");
  workflows.before = async (name) => {
    if (name !== "Complete") return;
    const head = await scene.head();
    const end = { operation_id: input.operation_id, outcome: "FAILED", cause: null, condition: null, at: scene.at } as const;
    expect(endOperation(head, end).after).toMatchObject({ revisions: { running: 2 }, slots: { green: { weight: 100, role: "active" } } });
  };
  await workflows.run("rollout", input);
  expect.assertions(1);
});
