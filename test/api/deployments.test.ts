import { beforeEach, describe, expect, it } from "vitest";
import { answers } from "../../contract/answers.ts";
import type { Operation } from "../../domain/deployment.ts";
import { type Installation, installation } from "../doubles/installation.ts";

let system: Installation;
beforeEach(async () => {
  system = installation();
  await system.member("POST /v1/models", { body: { group: "fraud", name: "card-fraud" } });
  await system.member("POST /v1/models/{group}/{name}/versions", {
    parameters: { group: "fraud", name: "card-fraud" },
    body: { artifact_uri: "s3://models/card-fraud/1", runtime: "onnx" },
  });
});

const specification = (over: object = {}) => ({
  group: "fraud",
  name: "Card scorer",
  environment: "production",
  predictor: { runtime: "onnx", model: { name: "card-fraud", version: 1 } },
  access: "public",
  ...over,
});
const create = (over: object = {}, ask: object = {}) => system.member("POST /v1/deployments", { body: specification(over), ...ask });
const on = (id: string) => ({ parameters: { id } });
const started = async (over: object = {}): Promise<Operation> => {
  const { uid } = (await create(over)).body.deployment;
  const operation = (await system.record.operations(uid, { limit: 1 })).items[0] as Operation;
  await system.end(operation);
  return operation;
};
const stored = (id = "card-scorer") => system.record.uidOf(id).then((uid) => system.record.head(uid as string));

describe("creating a deployment", () => {
  it("stores it, starts its workflow and says where to look", async () => {
    const answer = await create();
    expect(answer.status).toBe(202);
    expect(answers.StartedDeployment.safeParse(answer.body).error).toBeUndefined();
    const { deployment, operation } = answer.body;
    expect(deployment).toMatchObject({
      id: "card-scorer",
      status: "STARTING",
      version: 2,
      created_by: "ada",
      endpoint: "https://slipway.example/endpoints/card-scorer",
    });
    expect(operation).toMatchObject({ kind: "START", outcome: null, revision: 1 });
    expect(answer.headers).toMatchObject({ location: `/v1/operations/${operation.id}`, etag: '"2"' });
    const input = { uid: deployment.uid, operation_id: operation.id, epoch: 1 };
    expect(system.workflows.of(operation.id)).toEqual({ workflow: "rollout", input, status: "RUNNING" });
    expect((await system.record.revision(deployment.uid, 1))?.resolved.predictor).toEqual({
      image: "slipway/onnx-server:1",
      artifact_uri: "s3://models/card-fraud/1",
      model_name: "card-fraud",
    });
    expect((await stored())?.place).toMatchObject({ cluster: "local", namespace: "slipway-fraud-production" });
  });

  it("stores it only, when it is not to start", async () => {
    const answer = await create({ start: false });
    expect(answer.status).toBe(201);
    expect(answers.CreatedDeployment.safeParse(answer.body).error).toBeUndefined();
    expect(answer.body.deployment).toMatchObject({ status: "CREATED", condition: { type: "STOPPED", status: "True" } });
    expect(system.workflows.executions.size).toBe(0);
  });

  it("is accepted although the workflow could not be started: what is recorded will be", async () => {
    system.workflows.fault = new Error("throttled");
    const answer = await create();
    expect(answer.status).toBe(202);
    expect(system.workflows.executions.size).toBe(0);
    expect(system.log.lines).toContainEqual(expect.objectContaining({ level: "warn" }));
  });

  it.each([
    ["a model that is not there", { predictor: { runtime: "onnx", model: { name: "rose", version: 1 } } }, "predictor.model.name"],
    [
      "a version that is not there",
      { predictor: { runtime: "onnx", model: { name: "card-fraud", version: 9 } } },
      "predictor.model.version",
    ],
    [
      "a runtime that the version is not for",
      { predictor: { runtime: "sklearn", model: { name: "card-fraud", version: 1 } } },
      "predictor.runtime",
    ],
    ["a runtime that is not there", { predictor: { runtime: "onyx", model: { name: "card-fraud", version: 1 } } }, "predictor.runtime"],
    ["an instance type that is not there", { predictor: { image: "me/server:1", instance_type: "cpu.huge" } }, "predictor.instance_type"],
    ["an environment that is not there", { environment: "moon" }, "environment"],
    ["a field that is not there", { colour: "red" }, "colour"],
  ])("refuses %s, by its path", async (_, over, path) => {
    const answer = await create(over);
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid-input" } });
    expect(answer.body.errors.map((error: { path: string }) => error.path)).toContain(path);
    expect(system.record.heads_.size).toBe(0);
  });

  it("refuses an id that another has, until that one is deleted", async () => {
    const first = await started();
    expect(await create({ name: "card SCORER" })).toMatchObject({ status: 409, body: { code: "name-taken", id: "card-scorer" } });
    const gone = await system.member("DELETE /v1/deployments/{id}", { ...on("card-scorer"), query: { name: "Card scorer" } });
    await system.end({ ...gone.body.operation, epoch: 2 });
    const again = await create();
    expect(again.status).toBe(202);
    expect(again.body.deployment.uid).not.toBe(first.uid);
  });

  it("takes a self-contained image and a model's address as they are", async () => {
    const image = await create({ name: "own", predictor: { image: "registry.example/own:1" } });
    const uri = await create({ name: "uri", predictor: { runtime: "sklearn", model_uri: "s3://bucket/key" } });
    const resolved = async (answer: typeof image) => (await system.record.revision(answer.body.deployment.uid, 1))?.resolved.predictor;
    expect(await resolved(image)).toEqual({ image: "registry.example/own:1", artifact_uri: null, model_name: "own" });
    expect(await resolved(uri)).toMatchObject({ artifact_uri: "s3://bucket/key", model_name: "uri" });
  });

  it("gives fifty who ask at once one deployment of the name", async () => {
    const tries = await Promise.all(Array.from({ length: 50 }, () => create()));
    expect(tries.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(tries.filter(({ status, body }) => status === 409 && body.code === "name-taken")).toHaveLength(49);
  });
});

describe("secrets of a deployment", () => {
  const canary = "canary-4711";
  const env = [
    { name: "API_KEY", value: canary, secret: true },
    { name: "LEVEL", value: "info" },
  ];
  const withEnv = (variables: object[]) => ({ runtime: "onnx", model: { name: "card-fraud", version: 1 }, env: variables });

  it("are kept apart and never come back", async () => {
    const created = await create({ predictor: withEnv(env) }, { headers: { "idempotency-key": "k1" } });
    const { uid } = created.body.deployment;
    expect(await system.secrets.get({ uid, revision: 1, component: "predictor" })).toEqual({ API_KEY: canary });
    const seen = [
      created,
      await system.member("GET /v1/deployments/{id}", on(uid)),
      await system.member("GET /v1/deployments/{id}/revisions", on(uid)),
    ];
    const { heads_, revisions_, operations_, events_, cards_ } = system.record;
    const sinks = [
      ...seen,
      [...heads_],
      [...revisions_].map(([, of]) => [...of]),
      [...operations_],
      [...events_],
      [...cards_],
      system.log.lines,
    ];
    expect(JSON.stringify(sinks)).not.toContain(canary);
    expect(created.body.deployment.specification.predictor.env).toEqual([
      { name: "API_KEY", secret: true },
      { name: "LEVEL", value: "info" },
    ]);
  });

  it("keep their last value when they are named without one, and when nothing is said of them", async () => {
    const { uid } = (await create({ start: false, predictor: withEnv(env) })).body.deployment;
    const patch = (body: object) => system.member("PATCH /v1/deployments/{id}", { ...on(uid), body });
    expect(
      await patch({
        predictor: {
          env: [
            { name: "API_KEY", secret: true },
            { name: "MORE", value: "new", secret: true },
          ],
        },
      }),
    ).toMatchObject({ status: 200 });
    expect(await system.secrets.get({ uid, revision: 2, component: "predictor" })).toEqual({ API_KEY: canary, MORE: "new" });
    expect(await patch({ description: "other" })).toMatchObject({ status: 200, body: { deployment: { revisions: { wanted: 3 } } } });
    expect(await system.secrets.get({ uid, revision: 3, component: "predictor" })).toEqual({ API_KEY: canary, MORE: "new" });
    expect(await patch({ predictor: { env: [{ name: "OTHER", secret: true }] } })).toMatchObject({ status: 400 });
  });

  it("are not stored when the deployment was refused", async () => {
    await create();
    expect(await create({ predictor: withEnv(env) })).toMatchObject({ status: 409 });
    expect(system.secrets.items.size).toBe(0);
  });
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

describe("starting, stopping, restarting and deleting", () => {
  const ask = (verb: string, more: object = {}) => system.member(`POST /v1/deployments/{id}/${verb}`, { ...on("card-scorer"), ...more });
  const remove = (name: string) => system.member("DELETE /v1/deployments/{id}", { ...on("card-scorer"), query: { name } });
  const workflowOf = (answer: { body: { operation: Operation } }) => system.workflows.of(answer.body.operation.id)?.workflow;

  it("begin an operation and its workflow", async () => {
    await create({ start: false });
    const start = await ask("start");
    expect(start).toMatchObject({
      status: 202,
      body: { operation: { kind: "START" } },
      headers: { location: `/v1/operations/${start.body.operation.id}` },
    });
    expect(answers.StartedOperation.safeParse(start.body).error).toBeUndefined();
    await system.end({ ...start.body.operation, epoch: 1 });
    const restart = await ask("restart");
    expect(restart).toMatchObject({ status: 202, body: { operation: { kind: "RESTART", revision: 1 } } });
    await system.end({ ...restart.body.operation, epoch: 2 });
    const stop = await ask("stop");
    expect(stop).toMatchObject({ status: 202, body: { operation: { kind: "STOP" } } });
    expect([workflowOf(start), workflowOf(restart), workflowOf(stop)]).toEqual(["rollout", "rollout", "shutdown"]);
    await system.end({ ...stop.body.operation, epoch: 3 });
    expect(await ask("start")).toMatchObject({ status: 202 });
  });

  it("are refused with the status and what is possible", async () => {
    await create({ start: false });
    expect(await ask("stop")).toMatchObject({ status: 409, body: { code: "not-allowed-in-status", deployment_status: "CREATED" } });
    expect((await ask("restart")).body.allowed).toEqual(expect.arrayContaining(["start", "update", "delete"]));
    await ask("start");
    expect(await ask("start")).toMatchObject({ status: 409, body: { code: "operation-in-progress" } });
  });

  it("aborts what is under way before it stops", async () => {
    const first = (await create()).body.operation;
    const stop = await ask("stop");
    expect(stop).toMatchObject({ status: 202, body: { operation: { kind: "STOP" } } });
    expect(await system.record.operation(first.id)).toMatchObject({ outcome: "CANCELLED", cause: { reason: "Aborted" } });
    expect(system.workflows.of(first.id)?.status).toBe("ABORTED");
    const epoch = (await stored())?.epoch as number;
    await expect(system.record.enterStep({ uid: first.uid, operation_id: first.id, epoch: 1 }, "ProvisionSlot", "x")).rejects.toMatchObject(
      { name: "StaleEpoch" },
    );
    expect(system.workflows.of(stop.body.operation.id)?.input.epoch).toBe(epoch);
    expect(await ask("stop")).toMatchObject({ status: 409, body: { code: "operation-in-progress", operation_id: stop.body.operation.id } });
  });

  it("goes on to stop although the workflow under way could not be stopped", async () => {
    const first = (await create()).body.operation;
    system.workflows.fault = new Error("throttled");
    expect(await ask("stop")).toMatchObject({ status: 202 });
    expect(await system.record.operation(first.id)).toMatchObject({ outcome: "CANCELLED" });
  });

  it("deletes only what is named exactly", async () => {
    await create({ start: false });
    expect(await remove("card scorer")).toMatchObject({ status: 400, body: { errors: [{ path: "name" }] } });
    expect(await system.member("DELETE /v1/deployments/{id}", on("card-scorer"))).toMatchObject({ status: 400 });
    const answer = await remove("Card scorer");
    expect(answer).toMatchObject({ status: 202, body: { operation: { kind: "DELETE" } } });
    expect(workflowOf(answer)).toBe("shutdown");
  });

  it("keeps a deleted deployment's history for its own group, by uid and by id", async () => {
    await create({ start: false });
    const { uid } = (await stored()) as { uid: string };
    const deletion = (await remove("Card scorer")).body.operation;
    await system.end({ ...deletion, epoch: 1 });
    for (const id of [uid, "card-scorer"]) {
      expect(await system.viewer("GET /v1/deployments/{id}", on(id))).toMatchObject({
        status: 200,
        body: { uid, deleted_at: expect.any(String) },
      });
      expect((await system.viewer("GET /v1/deployments/{id}/events", on(id))).body.items[0]).toMatchObject({ type: "Deployment Deleted" });
    }
    expect((await system.viewer("GET /v1/deployments")).body.items).toEqual([]);
    expect(await ask("start")).toMatchObject({ status: 404 });
  });

  it("holds the answer until the operation has ended, or the time is up", async () => {
    const first = await create();
    system.clock.whileSleeping = async () => {
      system.clock.whileSleeping = undefined;
      await system.end({ ...first.body.operation, epoch: 1 });
    };
    const waited = await system.member("GET /v1/operations/{id}", { parameters: { id: first.body.operation.id }, query: { wait: "25" } });
    expect(waited).toMatchObject({ status: 200, body: { outcome: "SUCCEEDED" } });
    const before = system.clock.now();
    expect(await ask("stop", { query: { wait: "5" } })).toMatchObject({ status: 202, body: { operation: { outcome: null } } });
    expect(system.clock.now() - before).toBe(5_000);
    expect(await ask("stop", { query: { wait: "26" } })).toMatchObject({ status: 400 });
  });

  it("shows the deployment as it is when the waiting is over", async () => {
    system.clock.whileSleeping = async () => {
      system.clock.whileSleeping = undefined;
      const operation = [...system.record.operations_.values()][0] as Operation;
      await system.end(operation);
    };
    const answer = await create({}, { query: { wait: "10" } });
    expect(answer).toMatchObject({
      status: 202,
      body: { operation: { outcome: "SUCCEEDED" }, deployment: { status: "RUNNING", revisions: { running: 1 } } },
    });
  });
});
