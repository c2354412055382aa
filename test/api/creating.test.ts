import { beforeEach, describe, expect, it } from "vitest";
import { answers } from "../../contract/answers.ts";
import { type FraudGroup, fraudGroup, on } from "./fraud-group.ts";

let { system, create, started, stored } = {} as FraudGroup;
beforeEach(async () => {
  ({ system, create, started, stored } = await fraudGroup());
});

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
