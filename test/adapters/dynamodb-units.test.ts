import { ulid } from "ulid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addClient, removeClient } from "../../domain/client-changes.ts";
import type { Head } from "../../domain/deployment.ts";
import type { ClusterPlace } from "../../domain/place.ts";
import { dynamoRecord } from "../../lambdas/adapters/dynamodb-record.ts";
import type { RecordStore } from "../../lambdas/ports/record.ts";
import { anObservation, aSlot, at, begun, created, ended } from "../doubles/deployments.ts";
import { type DynamoServer, startDynamoServer } from "../doubles/dynamodb-server.ts";

/** What each call costs, as DynamoDB bills it, for deployments of ordinary size. A larger number here is a larger bill. */
describe("units of the record", () => {
  let server: DynamoServer;
  let record: RecordStore;
  beforeAll(async () => {
    server = await startDynamoServer();
    await server.createRecordTable("record");
    record = dynamoRecord(server.client, "record", { now: () => Date.parse(at) });
  });
  afterAll(() => server.stop());

  const cost = async (call: () => Promise<unknown>) => {
    server.consumed();
    await call();
    return server.consumed();
  };
  const make = async () => {
    const decision = created({ uid: ulid(), id: `d${ulid().toLowerCase()}` });
    await record.commit(decision);
    return decision.after;
  };
  const makeRunning = async () => {
    const start = begun(await make());
    await record.commit(start);
    return { head: start.after, fence: { uid: start.after.uid, operation_id: start.operation.id, epoch: start.after.epoch } };
  };

  it("reads a state for half a unit in one request", async () => {
    const { fence } = await makeRunning();
    await record.saveObserved(fence.uid, anObservation(), undefined);
    expect(await cost(() => record.state(fence.uid))).toEqual({ read: 0.5, write: 0, calls: ["Query"] });
  });

  it("reads the place of many deployments once, also when they are read at once", async () => {
    const uids = [(await make()).uid, (await make()).uid, (await make()).uid];
    const reader = dynamoRecord(server.client, "record", { now: () => Date.parse(at) });
    expect((await cost(() => reader.heads(uids))).calls).toEqual(["BatchGetItem", "GetItem"]);
    expect((await cost(() => reader.heads(uids))).calls).toEqual(["BatchGetItem"]);
  });

  it("reads no place that the configuration gives as it was, and each that it gives otherwise", async () => {
    const { uid, place } = await make();
    const knowing = (configured: ClusterPlace) =>
      dynamoRecord(server.client, "record", { now: () => Date.parse(at) }, { configured: () => configured });
    const [same, other] = [knowing(structuredClone(place)), knowing({ ...place, cluster: "other" })];
    expect((await cost(() => same.head(uid))).calls).toEqual(["GetItem"]);
    expect((await cost(() => same.heads([uid]))).calls).toEqual(["BatchGetItem"]);
    expect((await cost(() => other.head(uid))).calls).toEqual(["GetItem", "GetItem"]);
    expect([(await same.head(uid))?.place, (await other.head(uid))?.place]).toEqual([place, place]);
  });

  it("reads a state by its id for half a unit more the first time, and then for no more", async () => {
    const { head } = await makeRunning();
    expect(await cost(() => record.state(head.id))).toEqual({ read: 1, write: 0, calls: ["GetItem", "Query"] });
    expect(await cost(() => record.state(head.id))).toEqual({ read: 0.5, write: 0, calls: ["Query"] });
  });

  it("asks who vouches for a state once in ten seconds, and not beside a look-up until a minute later", async () => {
    let now = Date.parse(at);
    const reader = dynamoRecord(server.client, "record", { now: () => now });
    const [{ head, fence }, other] = [await makeRunning(), await makeRunning()];
    for (const each of [fence, other.fence]) await record.saveObserved(each.uid, anObservation(), undefined);
    const read = async (id: string) => {
      const found = await reader.state(id);
      await reader.stillSeen(found?.head ?? head, found?.observed, found?.isLookedUp);
    };
    now += 20_000;
    await read(head.id);
    expect((await cost(() => read(head.id))).read).toBe(0.5);
    now += 20_000;
    expect((await cost(() => read(other.head.id))).read).toBe(1);
    expect((await cost(() => read(head.id))).read).toBe(1);
  });

  it("finds a deployment by its id for half a unit, by its uid for nothing", async () => {
    const head = await make();
    expect(await cost(() => record.uidOf(head.id))).toEqual({ read: 0.5, write: 0, calls: ["GetItem"] });
    expect(await cost(() => record.uidOf(head.uid))).toEqual({ read: 0, write: 0, calls: [] });
  });

  it("reads HEAD to decide upon for one unit", async () => {
    const head = await make();
    expect(await cost(() => record.head(head.uid))).toEqual({ read: 1, write: 0, calls: ["GetItem"] });
  });

  it("reads a running operation for one unit in one request, by its id alone", async () => {
    const { fence } = await makeRunning();
    expect(await cost(() => record.operation(fence.operation_id))).toEqual({ read: 1, write: 0, calls: ["BatchGetItem"] });
  });

  it("enters a step with one write and no read", async () => {
    const { fence } = await makeRunning();
    const { write, ...rest } = await cost(() => record.enterStep(fence, "Prepare", at));
    expect(rest).toEqual({ read: 0, calls: ["UpdateItem"] });
    expect(write).toBeLessThanOrEqual(2);
  });

  it("keeps a changed condition with one write", async () => {
    const { fence } = await makeRunning();
    expect(await cost(() => record.saveObserved(fence.uid, anObservation(), undefined))).toEqual({ read: 0, write: 1, calls: ["PutItem"] });
  });

  it("begins and ends an operation in one request each", async () => {
    const head = await make();
    const start = begun(head);
    const fence = { uid: head.uid, operation_id: start.operation.id, epoch: start.after.epoch };
    expect((await cost(() => record.commit(start))).calls).toEqual(["TransactWriteItems"]);
    const ending = ended(start.after, "SUCCEEDED", { slots: { blue: aSlot({ role: "active" }), green: null } });
    expect((await cost(() => record.endOperation(fence, ending))).calls).toEqual(["TransactWriteItems"]);
  });

  it("adds and removes a client in one request each", async () => {
    const { uid } = await make();
    const said = { actor: "ada", at };
    const head = async () => (await record.head(uid)) as Head;
    const added = addClient(await head(), [], { name: "ci", token_hash: "h".repeat(43), expires_at: null, ...said });
    expect(await cost(() => record.annotate(added))).toEqual({ read: 0, write: 6, calls: ["TransactWriteItems"] });
    const removed = removeClient(await head(), added.client.after, said);
    expect(await cost(() => record.annotate(removed))).toEqual({ read: 0, write: 6, calls: ["TransactWriteItems"] });
    expect(await cost(() => record.removeClients(uid))).toEqual({ read: 1, write: 0, calls: ["Query"] });
  });

  it("lists the first page for the same, whether there are a hundred deployments or ten", async () => {
    const [few, many] = [`f${ulid().toLowerCase()}`, `m${ulid().toLowerCase()}`];
    const fill = (group: string, count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, n) =>
          record.commit(created({ uid: ulid(), id: `d${ulid().toLowerCase()}`, group, name: `scorer ${n}` })),
        ),
      );
    await fill(few, 10);
    await fill(many, 100);
    const page = (group: string, limit: number, filter = {}) => cost(() => record.cards({ groups: [group], ...filter }, { limit }));
    expect(await page(many, 10)).toEqual(await page(few, 10));
    expect((await page(many, 100)).read).toBeLessThanOrEqual(8);
    const searched = await page(many, 5, { status: "RUNNING" });
    expect(searched.calls).toEqual(["Query"]);
    expect(searched.read).toBeLessThanOrEqual(8);
  });

  it("never scans", async () => {
    const source = await import("node:fs/promises");
    const files = (await source.readdir("lambdas/adapters")).filter((file) => file.startsWith("dynamodb-"));
    const texts = await Promise.all(files.map((file) => source.readFile(`lambdas/adapters/${file}`, "utf8")));
    expect(files.length).toBeGreaterThan(5);
    expect(texts.filter((text) => /\bScan(Command)?\b/.test(text.replaceAll("ScanIndexForward", "")))).toEqual([]);
  });
});
