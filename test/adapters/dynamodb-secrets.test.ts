import { ulid } from "ulid";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Head } from "../../domain/deployment.ts";
import { storeRevision } from "../../domain/operations.ts";
import { dynamoRecord } from "../../lambdas/adapters/dynamodb-record.ts";
import { dynamoSecrets } from "../../lambdas/adapters/dynamodb-secrets.ts";
import type { RecordStore } from "../../lambdas/ports/record.ts";
import type { ComponentSecrets, SecretValues } from "../../lambdas/ports/secrets.ts";
import { aRevision, at, created } from "../doubles/deployments.ts";
import { type DynamoServer, startDynamoServer } from "../doubles/dynamodb-server.ts";
import { MemoryRecord } from "../doubles/memory-record.ts";
import { MemorySecrets } from "../doubles/memory-secrets.ts";

const clock = { now: () => Date.parse(at) };
const predictor = (values: Record<string, string>, kept: ComponentSecrets["kept"] = null): ComponentSecrets => ({
  component: "predictor",
  values,
  kept,
});

function secretsSuite(subject: () => { record: RecordStore; secrets: SecretValues }): void {
  let record: RecordStore;
  let secrets: SecretValues;
  let head: Head;
  beforeEach(async () => {
    ({ record, secrets } = subject());
    const uid = ulid();
    const decision = created({ uid, id: `d${uid.toLowerCase()}` });
    await record.commit({
      ...decision,
      secrets: [predictor({ A: "a1", B: "b1" }), { component: "transformer", values: { A: "other" }, kept: null }],
    });
    head = decision.after;
  });
  const store = async (before: Head, ...given: ComponentSecrets[]): Promise<Head> => {
    const decision = storeRevision(before, { revision: aRevision(before.revisions.latest + 1), actor: "ada", at });
    await record.commit({ ...decision, secrets: given });
    return decision.after;
  };
  const get = (revision: number, component: "predictor" | "transformer" = "predictor") =>
    secrets.get({ uid: head.uid, revision, component });

  it("keeps values by revision and component", async () => {
    expect(await get(1)).toEqual({ A: "a1", B: "b1" });
    expect(await get(1, "transformer")).toEqual({ A: "other" });
    expect(await get(2)).toEqual({});
  });

  it("gives kept values from however far back, and only those named", async () => {
    const second = await store(head, predictor({ B: "b2" }, { revision: 1, names: ["A"] }));
    const third = await store(second, predictor({}, { revision: 2, names: ["A", "B"] }));
    await store(third, predictor({ A: "a4" }, { revision: 3, names: ["B"] }));
    expect(await get(2)).toEqual({ A: "a1", B: "b2" });
    expect(await get(3)).toEqual({ A: "a1", B: "b2" });
    expect(await get(4)).toEqual({ A: "a4", B: "b2" });
  });

  it("stores those of one of fifty requests for the same revision, and none of the others'", async () => {
    const tries = await Promise.allSettled(
      Array.from({ length: 50 }, (_, n) => store(head, predictor({ A: String(n), B: String(n) }, { revision: 1, names: [] }))),
    );
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const winner = tries.findIndex(({ status }) => status === "fulfilled");
    expect(await get(2)).toEqual({ A: String(winner), B: String(winner) });
  });

  it("stores nothing with a revision that is refused", async () => {
    await store(head);
    await expect(store({ ...head, revisions: { ...head.revisions, latest: 4 } }, predictor({ A: "lost" }))).rejects.toMatchObject({
      what: "version",
    });
    expect(await get(5)).toEqual({});
  });

  it("forgets for good, twice as well as once", async () => {
    const key = { uid: head.uid, revision: 1, component: "predictor" } as const;
    await secrets.forget(key);
    await secrets.forget(key);
    expect(await get(1)).toEqual({});
    expect(await get(1, "transformer")).toEqual({ A: "other" });
  });
}

describe("secrets in memory", () =>
  secretsSuite(() => {
    const secrets = new MemorySecrets();
    return { record: new MemoryRecord(clock, secrets), secrets };
  }));

describe("secrets on DynamoDB", () => {
  let server: DynamoServer;
  beforeAll(async () => {
    server = await startDynamoServer();
    await server.createRecordTable("record");
    await server.createTable("secrets");
  });
  afterAll(() => server.stop());
  secretsSuite(() => ({
    record: dynamoRecord(server.client, "record", clock, { secretsTableName: "secrets" }),
    secrets: dynamoSecrets(server.client, "secrets"),
  }));

  it("are written without being read, in the request that stores their revision", async () => {
    const record = dynamoRecord(server.client, "record", clock, { secretsTableName: "secrets" });
    const aDeployment = () => created({ uid: ulid(), id: `d${ulid().toLowerCase()}` });
    // The first that a process creates asks whether its place is known.
    await record.commit(aDeployment());
    server.consumed();
    await record.commit({
      ...aDeployment(),
      secrets: [predictor({ A: "1" }, { revision: 1, names: ["B"] })],
    });
    expect(server.consumed()).toMatchObject({ read: 0, calls: ["TransactWriteItems"] });
  });

  it("are refused by a record that was told of no table for them, rather than lost", async () => {
    const commit = dynamoRecord(server.client, "record", clock).commit({
      ...created({ uid: ulid(), id: `d${ulid().toLowerCase()}` }),
      secrets: [predictor({ A: "1" })],
    });
    await expect(commit).rejects.toThrow("no table was named");
  });
});
