import { ulid } from "ulid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dynamoSecrets } from "../../lambdas/adapters/dynamodb-secrets.ts";
import type { SecretKey, SecretValues } from "../../lambdas/ports/secrets.ts";
import { type DynamoServer, startDynamoServer } from "../doubles/dynamodb-server.ts";
import { MemorySecrets } from "../doubles/memory-secrets.ts";

const key = (uid: string, revision: number): SecretKey => ({ uid, revision, component: "predictor" });

function secretsSuite(subject: () => SecretValues): void {
  it("keeps values by revision and component", async () => {
    const [secrets, uid] = [subject(), ulid()];
    await secrets.put(key(uid, 1), { KEY: "one" });
    await secrets.put({ ...key(uid, 1), component: "transformer" }, { KEY: "other" });
    expect(await secrets.get(key(uid, 1))).toEqual({ KEY: "one" });
    expect(await secrets.get({ ...key(uid, 1), component: "transformer" })).toEqual({ KEY: "other" });
    expect(await secrets.get(key(uid, 2))).toEqual({});
  });

  it("gives kept values from however far back, and only those named", async () => {
    const [secrets, uid] = [subject(), ulid()];
    await secrets.put(key(uid, 1), { A: "a1", B: "b1", C: "c1" });
    await secrets.put(key(uid, 2), { B: "b2" }, { revision: 1, names: ["A"] });
    await secrets.put(key(uid, 3), {}, { revision: 2, names: ["A", "B"] });
    await secrets.put(key(uid, 5), { A: "a5" }, { revision: 3, names: ["B"] });
    expect(await secrets.get(key(uid, 2))).toEqual({ A: "a1", B: "b2" });
    expect(await secrets.get(key(uid, 3))).toEqual({ A: "a1", B: "b2" });
    expect(await secrets.get(key(uid, 5))).toEqual({ A: "a5", B: "b2" });
  });

  it("lets one of fifty write a revision, and its values are whole", async () => {
    const [secrets, uid] = [subject(), ulid()];
    const put = (n: number) => secrets.put(key(uid, 1), { A: String(n), B: String(n) });
    const tries = await Promise.allSettled(Array.from({ length: 50 }, (_, n) => put(n)));
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const refused = tries.flatMap((attempt) => (attempt.status === "rejected" ? [attempt.reason] : []));
    for (const reason of refused) expect(reason).toMatchObject({ name: "RecordConflict", what: "busy" });
    const values = await secrets.get(key(uid, 1));
    expect(values.A).toBe(values.B);
  });

  it("takes values back", async () => {
    const [secrets, uid] = [subject(), ulid()];
    await secrets.put(key(uid, 1), { A: "1" });
    await secrets.discard(key(uid, 1));
    expect(await secrets.get(key(uid, 1))).toEqual({});
    await secrets.put(key(uid, 1), { A: "2" });
    expect(await secrets.get(key(uid, 1))).toEqual({ A: "2" });
  });
}

describe("secrets in memory", () => secretsSuite(() => new MemorySecrets()));

describe("secrets on DynamoDB", () => {
  let server: DynamoServer;
  beforeAll(async () => {
    server = await startDynamoServer();
    await server.createSecretsTable("secrets");
  });
  afterAll(() => server.stop());
  secretsSuite(() => dynamoSecrets(server.client, "secrets", { now: () => 1_000_000 }));

  it("overwrites what a request left that ended before its transaction, and nothing younger", async () => {
    let now = 1_000_000;
    const secrets = dynamoSecrets(server.client, "secrets", { now: () => now });
    const left = key(ulid(), 2);
    await secrets.put(left, { A: "left behind" });
    now += 30_000;
    await expect(secrets.put(left, { A: "too early" })).rejects.toMatchObject({ what: "busy" });
    now += 31_000;
    await secrets.put(left, { A: "mine" });
    expect(await secrets.get(left)).toEqual({ A: "mine" });
  });

  it("is written without being read", async () => {
    const secrets = dynamoSecrets(server.client, "secrets", { now: () => 1_000_000 });
    server.consumed();
    await secrets.put(key(ulid(), 2), { A: "1" }, { revision: 1, names: ["B"] });
    expect(server.consumed().calls).toEqual(["PutItem"]);
  });
});
