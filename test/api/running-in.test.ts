import { ulid } from "ulid";
import { expect, it } from "vitest";
import type { Operation } from "../../domain/operation.ts";
import { aSlot, created } from "../doubles/deployments.ts";
import { installation } from "../doubles/installation.ts";

it("says where a version serves: what is wanted there and does not run does not count", async () => {
  const system = installation();
  const parameters = { group: "fraud", name: "card" };
  await system.member("POST /v1/models", { body: parameters });
  for (const n of [1, 2]) {
    const body = { artifact_uri: `s3://artifacts/card/${n}`, runtime: "onnx" };
    await system.member("POST /v1/models/{group}/{name}/versions", { parameters, body });
  }
  const runningIn = async () => {
    const { body: list } = await system.member("GET /v1/models/{group}/{name}/versions", { parameters });
    const each = await Promise.all(
      ["1", "2"].map((version) =>
        system.member("GET /v1/models/{group}/{name}/versions/{version}", { parameters: { ...parameters, version } }),
      ),
    );
    const shown = each.map(({ body }) => body.running_in);
    expect(list.items.map((one: { running_in: string[] }) => one.running_in).reverse()).toEqual(shown);
    return shown;
  };
  const carryOut = async ({ id }: { id: string }, slot: "blue" | "green", revision: number) => {
    const operation = (await system.record.operation(id)) as Operation;
    const fence = { uid: operation.uid, operation_id: id, epoch: operation.epoch };
    await system.record.saveSlots(fence, { [slot]: aSlot({ epoch: operation.epoch, revision }) });
    await system.end(operation);
  };
  const predictor = { model: { name: "card", version: 1 }, runtime: "onnx" };
  const body = { group: "fraud", id: "scores", name: "Scores", environment: "staging", access: "public", predictor };
  const created = await system.member("POST /v1/deployments", { body });
  expect(created.body).toMatchObject({ operation: { kind: "START" } });
  expect(await runningIn()).toEqual([[], []]);
  await carryOut(created.body.operation, "blue", 1);
  expect(await runningIn()).toEqual([["scores"], []]);

  const updated = await system.member("PATCH /v1/deployments/{id}", {
    parameters: { id: "scores" },
    body: { predictor: { model: { name: "card", version: 2 } } },
  });
  expect(updated.body).toMatchObject({ operation: { kind: "UPDATE" } });
  expect(await runningIn()).toEqual([["scores"], []]);
  await carryOut(updated.body.operation, "green", 2);
  expect(await runningIn()).toEqual([[], ["scores"]]);
});

it("says when a group has more deployments than were looked at", async () => {
  const system = installation();
  const parameters = { group: "fraud", name: "card", version: "1" };
  await system.member("POST /v1/models", { body: { group: "fraud", name: "card" } });
  const { version: _, ...model } = parameters;
  await system.member("POST /v1/models/{group}/{name}/versions", { parameters: model, body: { artifact_uri: "s3://artifacts/card/1" } });
  const asked = async () => (await system.member("GET /v1/models/{group}/{name}/versions/{version}", { parameters })).body;
  for (let n = 0; n < 500; n += 1) await system.record.commit(created({ uid: ulid(), id: `scores-${n}`, group: "fraud" }));
  expect(await asked()).not.toHaveProperty("running_in_more");
  await system.record.commit(created({ uid: ulid(), id: "scores-500", group: "fraud" }));
  expect(await asked()).toMatchObject({ running_in: [], running_in_more: true });
});
