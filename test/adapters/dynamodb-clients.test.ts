import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Client } from "../../domain/client.ts";
import { clientItem, dynamoClientAccess } from "../../lambdas/adapters/dynamodb-clients.ts";
import { keys } from "../../lambdas/adapters/dynamodb-keys.ts";
import type { ClientAccess } from "../../lambdas/ports/clients.ts";
import { type DynamoServer, startDynamoServer } from "../doubles/dynamodb-server.ts";

const uid = "01JABCDEFGHJKMNPQRSTVWXYZ0";
const client: Client = {
  ...{ name: "ci", token_hash: "hash", created_at: "2026-11-22T09:00:00.000Z", created_by: "ada@example.com" },
  ...{ expires_at: "2027-01-01T00:00:00.000Z", last_used_at: null, previous: [{ hash: "old", until: "2026-11-22T11:00:00.000Z" }] },
};
const at = "2026-11-22T10:00:00.000Z";

let server: DynamoServer;
let access: ClientAccess;
let TableName: string;
let table = 0;
beforeAll(async () => {
  server = await startDynamoServer();
});
afterAll(() => server?.stop());
beforeEach(async () => {
  table += 1;
  TableName = `record-${table}`;
  await server.createRecordTable(TableName);
  access = dynamoClientAccess({ client: server.client, name: TableName });
  await server.client.put({ TableName, Item: { ...keys.reservation("card"), uid, id: "card" } });
  await server.client.put({ TableName, Item: clientItem(uid, client) });
});

it("finds a client as it was written, by two reads", async () => {
  server.consumed();
  expect(await access.find("card", "ci")).toEqual({ uid, client });
  expect(server.consumed()).toMatchObject({ read: 2, write: 0, calls: ["GetItem", "GetItem"] });
});

it("finds none of another name, and none of a deployment that is not there or was deleted", async () => {
  expect(await access.find("card", "web")).toBeUndefined();
  expect(await access.find("other", "ci")).toBeUndefined();
  await server.client.put({ TableName, Item: { ...keys.reservation("card"), uid, id: "card", deleted_at: at } });
  expect(await access.find("card", "ci")).toBeUndefined();
});

it("notes a use, and of several at once one", async () => {
  await Promise.all([1, 2, 3].map(() => access.noteUse(uid, client, at)));
  expect((await access.find("card", "ci"))?.client).toEqual({ ...client, last_used_at: at });
  await access.noteUse(uid, client, "2026-11-22T12:00:00.000Z");
  expect((await access.find("card", "ci"))?.client.last_used_at).toBe(at);
});

it("does not bring back a client that was removed meanwhile", async () => {
  await server.client.delete({ TableName, Key: keys.client(uid, "ci") });
  await access.noteUse(uid, client, at);
  expect(await access.find("card", "ci")).toBeUndefined();
});
