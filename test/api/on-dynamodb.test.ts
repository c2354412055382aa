import { ulid } from "ulid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answers } from "../../contract/answers.ts";
import { dynamoClientAccess } from "../../lambdas/adapters/dynamodb-clients.ts";
import { promotionStore } from "../../lambdas/adapters/dynamodb-promotions.ts";
import { dynamoRecord } from "../../lambdas/adapters/dynamodb-record.ts";
import { dynamoSecrets } from "../../lambdas/adapters/dynamodb-secrets.ts";
import { authorizeClient } from "../../lambdas/clients/authorize-client.ts";
import { clientTokens } from "../../lambdas/runtime/client-tokens.ts";
import { type DynamoServer, startDynamoServer } from "../doubles/dynamodb-server.ts";
import { installationOn } from "../doubles/installation.ts";
import { TestClock } from "../doubles/test-clock.ts";

/** The API on the very adapters that are deployed: what the domain decides fits the table, and what is read fits the wire. */
describe("the API on DynamoDB", () => {
  let server: DynamoServer;
  beforeAll(async () => {
    server = await startDynamoServer();
    await server.createRecordTable("record");
    await server.createTable("secrets");
  });
  afterAll(() => server.stop());

  const start = () => {
    const clock = new TestClock();
    const record = dynamoRecord(server.client, "record", clock, { secretsTableName: "secrets" });
    const promotions = promotionStore({ client: server.client, name: "record" }, clock);
    return installationOn({ record, promotions, secrets: dynamoSecrets(server.client, "secrets") }, { clock });
  };
  const body = (id: string, over: object = {}) => ({
    group: "demo",
    name: "Iris",
    id,
    environment: "staging",
    access: "public",
    predictor: { image: "me/server:1", env: [{ name: "KEY", value: "hidden", secret: true }] },
    ...over,
  });
  const freshId = () => `i${ulid().toLowerCase()}`;

  it("keeps the numbers of a smoke test as they are", async () => {
    const system = start();
    const id = freshId();
    const numbers = [3.4028234663852886e38, -1e20, 2 ** 60, 1e-45, 9.9e125, 0.1];
    const smoke_tests = [
      { name: "extremes", path: "/v2/models/iris/infer", body: { data: numbers }, expect: { json: { "data.0": 1e21 } } },
    ];
    const created = await system.member("POST /v1/deployments", { body: body(id, { start: false, smoke_tests }) });
    expect(created).toMatchObject({ status: 201 });
    const kept = await system.member("GET /v1/deployments/{id}", { parameters: { id } });
    expect(kept.body.specification.smoke_tests).toMatchObject(smoke_tests);
  });

  it("takes a deployment through its whole life", async () => {
    const system = start();
    const id = freshId();
    const parameters = { id };
    const created = await system.member("POST /v1/deployments", { body: body(id), headers: { "idempotency-key": id } });
    expect(created.status).toBe(202);
    expect((await system.member("POST /v1/deployments", { body: body(id), headers: { "idempotency-key": id } })).body).toEqual(
      created.body,
    );
    const { uid } = created.body.deployment;
    await system.end({ id: created.body.operation.id, uid, epoch: 1 });

    system.clock.time += 1_000;
    const updated = await system.member("PATCH /v1/deployments/{id}", { parameters, body: { description: "better" } });
    expect(updated).toMatchObject({ status: 202, body: { deployment: { status: "UPDATING" } } });
    expect(await system.secrets.get({ uid, revision: 2, component: "predictor" })).toEqual({ KEY: "hidden" });
    system.clock.time += 1_000;
    const stopped = await system.member("POST /v1/deployments/{id}/stop", { parameters });
    expect(stopped.status).toBe(202);
    expect((await system.record.operation(updated.body.operation.id))?.outcome).toBe("CANCELLED");
    const head = await system.record.head(uid);
    await system.end({ id: stopped.body.operation.id, uid, epoch: head?.epoch as number });
    expect(await system.record.deploymentsIn("local")).not.toContain(uid);

    system.clock.time += 1_000;
    const deleted = await system.member("DELETE /v1/deployments/{id}", { parameters, query: { name: "Iris" } });
    await system.end({ id: deleted.body.operation.id, uid, epoch: (head?.epoch as number) + 1 });
    expect((await system.member("GET /v1/deployments", { query: { group: "demo" } })).body.items).not.toContainEqual(
      expect.objectContaining({ uid }),
    );
    const events = await system.member("GET /v1/deployments/{id}/events", { parameters: { id: uid }, query: { limit: "100" } });
    expect(answers.EventList.safeParse(events.body).error).toBeUndefined();
    const sequences = events.body.items.map(({ sequence }: { sequence: number }) => sequence);
    expect(sequences).toEqual(Array.from({ length: sequences.length }, (_, n) => sequences.length - n));
    const operations = await system.member("GET /v1/deployments/{id}/operations", { parameters: { id: uid } });
    expect(answers.OperationList.safeParse(operations.body).error).toBeUndefined();
    expect(operations.body.items.map(({ kind }: { kind: string }) => kind)).toEqual(["DELETE", "STOP", "UPDATE", "START"]);
    expect(await system.member("POST /v1/deployments", { body: body(id) })).toMatchObject({ status: 202 });
  });

  it("gives clients tokens that work where they are to, and until they are not", async () => {
    const system = start();
    const id = freshId();
    const ask = { parameters: { id } };
    const named = { parameters: { id, name: "ci" } };
    await system.member("POST /v1/deployments", { body: body(id, { start: false }) });
    const other = freshId();
    await system.member("POST /v1/deployments", { body: body(other, { start: false }) });
    const clients = dynamoClientAccess({ client: server.client, name: "record" });
    const isLetIn = async (token: string, deployment = id) => {
      const question = { methodArn: "arn", headers: { authorization: `Bearer ${token}` }, pathParameters: { id: deployment } };
      return (await authorizeClient({ ...system, clients, tokens: clientTokens }, question)) !== undefined;
    };
    const add = (deployment: string) =>
      system.member("POST /v1/deployments/{id}/clients", { parameters: { id: deployment }, body: { name: "ci" } });

    const { token } = (await add(id)).body;
    expect([await isLetIn(token), await isLetIn(token, other)]).toEqual([true, false]);
    await add(other);
    expect(await isLetIn(token, other)).toBe(false);
    const { last_used_at } = (await system.member("GET /v1/deployments/{id}/clients", ask)).body.items[0];
    expect(last_used_at).toBe(new Date(system.clock.now()).toISOString());

    const rotated = await system.member("POST /v1/deployments/{id}/clients/{name}/rotate", { ...named, body: { overlap_seconds: 60 } });
    expect(rotated.body.last_used_at).toBe(last_used_at);
    expect([await isLetIn(token), await isLetIn(rotated.body.token)]).toEqual([true, true]);
    system.clock.time += 60_000;
    expect([await isLetIn(token), await isLetIn(rotated.body.token)]).toEqual([false, true]);
    expect((await system.member("DELETE /v1/deployments/{id}/clients/{name}", named)).status).toBe(204);
    expect(await isLetIn(rotated.body.token)).toBe(false);
  });

  it("gives one of five equal names at once a client", async () => {
    const system = start();
    const id = freshId();
    await system.member("POST /v1/deployments", { body: body(id, { start: false }) });
    const tries = await Promise.all(
      Array.from({ length: 5 }, () => system.member("POST /v1/deployments/{id}/clients", { parameters: { id }, body: { name: "ci" } })),
    );
    expect(tries.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
  });

  it("has one effect of fifty equal requests at once, and one answer", async () => {
    const system = start();
    const id = freshId();
    const ask = () =>
      system.member("POST /v1/deployments", {
        body: body(id, { predictor: { image: "me/server:1" } }),
        headers: { "idempotency-key": id },
      });
    const tries = await Promise.all(Array.from({ length: 50 }, ask));
    expect(new Set(tries.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(tries.map(({ body }) => body.deployment.uid)).size).toBe(1);
    expect(system.workflows.executions.size).toBe(1);
  });

  it.each(["RUNNING", "STARTING"])("lets one of fifty stops through while %s", async (status) => {
    const system = start();
    const id = freshId();
    const { deployment, operation } = (await system.member("POST /v1/deployments", { body: body(id) })).body;
    if (status === "RUNNING") await system.end({ id: operation.id, uid: deployment.uid, epoch: 1 });
    const tries = await Promise.all(
      Array.from({ length: 50 }, () => system.member("POST /v1/deployments/{id}/stop", { parameters: { id } })),
    );
    expect(tries.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(tries.filter(({ status, body }) => status === 409 && body.code === "operation-in-progress")).toHaveLength(49);
  });

  it("costs what it costs", async () => {
    const system = start();
    const id = freshId();
    const cost = async (call: () => Promise<unknown>) => {
      server.consumed();
      await call();
      return server.consumed();
    };
    // The first that a process creates asks whether its place and its group are known.
    await system.member("POST /v1/deployments", { body: body(freshId(), { predictor: { image: "me/server:1" } }) });
    const create = await cost(() => system.member("POST /v1/deployments", { body: body(id, { predictor: { image: "me/server:1" } }) }));
    expect(create.calls).toEqual(["TransactWriteItems"]);
    expect(create.write).toBeLessThanOrEqual(14);
    const uid = await system.record.uidOf(id);
    const state = (reference: string) => cost(() => system.member("GET /v1/deployments/{id}/state", { parameters: { id: reference } }));
    expect(await state(uid as string)).toEqual({ read: 0.5, write: 0, calls: ["Query"] });
    expect(await state(id)).toEqual({ read: 1, write: 0, calls: ["GetItem", "Query"] });
  });
});
