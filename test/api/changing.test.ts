import { beforeEach, describe, expect, it } from "vitest";
import { answers } from "../../contract/answers.ts";
import type { Operation } from "../../domain/operation.ts";
import { type FraudGroup, fraudGroup, on, specification } from "./fraud-group.ts";

let { system, create, started, stored } = {} as FraudGroup;
beforeEach(async () => {
  ({ system, create, started, stored } = await fraudGroup());
});

describe("repeating a request", () => {
  const key = (value: string) => ({ headers: { "idempotency-key": value } });

  it("has one effect and the same answer", async () => {
    const [first, again] = [await create({}, key("k1")), await create({}, { ...key("k1"), query: { wait: "0" } })];
    expect(again).toMatchObject({ status: 202, headers: first.headers });
    expect(again.body).toEqual(first.body);
    expect(system.record.heads_.size).toBe(1);
    expect(system.workflows.executions.size).toBe(1);
  });

  it("has one effect when fifty come at once", async () => {
    const tries = await Promise.all(Array.from({ length: 50 }, () => create({}, key("k1"))));
    expect(new Set(tries.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(tries.map(({ body }) => body.operation.id)).size).toBe(1);
    expect(system.record.heads_.size).toBe(1);
  });

  it("refuses the key for another request", async () => {
    await create({}, key("k1"));
    expect(await create({ description: "x" }, key("k1"))).toMatchObject({ status: 422, body: { code: "idempotency-key-reused" } });
    expect(await system.member("POST /v1/models", { body: { group: "fraud", name: "other" }, ...key("k1") })).toMatchObject({
      status: 422,
    });
  });

  it("does not mix up people", async () => {
    await create({}, key("k1"));
    const other = system.as(["fraud:member"], "bob");
    expect(await other("POST /v1/deployments", { body: specification({ name: "bobs" }), ...key("k1") })).toMatchObject({
      status: 202,
      body: { deployment: { created_by: "bob" } },
    });
  });

  it("answers for stops, models and versions too", async () => {
    await started();
    const stop = () => system.member("POST /v1/deployments/{id}/stop", { ...on("card-scorer"), ...key("s1") });
    const [one, two] = [await stop(), await stop()];
    expect(two).toMatchObject({ status: 202, body: one.body });
    const model = () => system.member("POST /v1/models", { body: { group: "fraud", name: "rose" }, ...key("m1") });
    expect((await model()).body).toEqual((await model()).body);
    const version = () =>
      system.member("POST /v1/models/{group}/{name}/versions", {
        parameters: { group: "fraud", name: "rose" },
        body: { artifact_uri: "s3://models/1" },
        ...key("v1"),
      });
    expect([await version(), await version()].map(({ body }) => body.version)).toEqual([1, 1]);
    expect((await system.record.model("fraud", "rose"))?.latest_version).toBe(1);
  });

  it("is forgotten after a day", async () => {
    await create({}, key("k1"));
    system.clock.time += 24 * 60 * 60 * 1000 + 1;
    expect(await create({}, key("k1"))).toMatchObject({ status: 409, body: { code: "name-taken" } });
  });
});

describe("changing a deployment", () => {
  const patch = (body: object, ask: object = {}) => system.member("PATCH /v1/deployments/{id}", { ...on("card-scorer"), body, ...ask });

  it("stores a revision only, while nothing runs", async () => {
    await create({ start: false });
    const answer = await patch({ description: "better", update_message: "why" });
    expect(answer).toMatchObject({
      status: 200,
      body: { deployment: { version: 2, revisions: { wanted: 2, running: null }, specification: { description: "better" } } },
    });
    expect(answers.StoredDeployment.safeParse(answer.body).error).toBeUndefined();
    expect(system.workflows.executions.size).toBe(0);
  });

  it("rolls it out when something runs, and says when that interrupts", async () => {
    await started();
    const answer = await patch({ description: "better" });
    expect(answer).toMatchObject({ status: 202, body: { deployment: { status: "UPDATING" }, operation: { kind: "UPDATE", revision: 2 } } });
    expect(answer.body.operation.interrupts_serving).toBe(false);
    expect(system.workflows.of(answer.body.operation.id)?.workflow).toBe("rollout");
  });

  it("opens and closes it at once, whatever becomes of the rollout, and does so by nothing else", async () => {
    await started({ access: undefined });
    expect((await stored())?.access).toBe("private");
    const opening = await patch({ access: "public" });
    expect(opening.body.deployment).toMatchObject({
      endpoint: "https://slipway.example/endpoints/card-scorer",
      specification: { access: "public" },
    });
    await system.end((await system.record.operation(opening.body.operation.id)) as Operation, "ROLLED_BACK");
    const shown = async () => (await system.viewer("GET /v1/deployments/{id}", on("card-scorer"))).body;
    expect(await shown()).toMatchObject({
      revisions: { wanted: 1 },
      specification: { access: "public" },
      endpoint: opening.body.deployment.endpoint,
    });
    const listed = await system.viewer("GET /v1/deployments");
    expect(listed.body.items[0].endpoint).toBe(opening.body.deployment.endpoint);

    expect((await patch({ access: "public" })).status).toBe(200);
    const next = await patch({ description: "better" });
    expect(next.body.deployment.specification.access).toBe("public");
    await system.end((await system.record.operation(next.body.operation.id)) as Operation);
    const closing = await patch({ access: null });
    expect(closing.body.deployment).toMatchObject({
      endpoint: "https://slipway.example/private-endpoints/card-scorer",
      specification: { access: "private" },
    });
  });

  it("changes nothing when nothing differs", async () => {
    await started();
    const before = await stored();
    expect(await patch({ description: "" })).toMatchObject({ status: 200, body: { deployment: { version: before?.version } } });
    expect(await patch({ update_message: "only words" })).toMatchObject({ status: 200 });
    expect(await stored()).toEqual(before);
  });

  it("waits for an operation under way", async () => {
    const { body } = await create();
    expect(await patch({ description: "better" })).toMatchObject({
      status: 409,
      body: { code: "operation-in-progress", operation_id: body.operation.id },
    });
  });

  it("honours the version that was read", async () => {
    await create({ start: false });
    expect(await patch({ description: "a" }, { headers: { "if-match": '"7"' } })).toMatchObject({
      status: 412,
      body: { code: "version-moved", version: 1 },
    });
    expect(await patch({ description: "a" }, { headers: { "if-match": '"1"' } })).toMatchObject({ status: 200, headers: { etag: '"2"' } });
    expect(await patch({ description: "b" }, { headers: { "if-match": '"1"' } })).toMatchObject({ status: 412 });
    expect(await patch({ description: "b" }, { headers: { "if-match": "1" } })).toMatchObject({
      status: 400,
      body: { code: "invalid-input" },
    });
  });

  it("lets one of two at once through and decides anew for the other", async () => {
    await create({ start: false });
    const both = await Promise.all([patch({ description: "a" }), patch({ metadata: { team: "risk" } })]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    const uid = (await stored())?.uid as string;
    expect((await system.record.revision(uid, 3))?.specification).toMatchObject({ description: "a", metadata: { team: "risk" } });
  });
});
