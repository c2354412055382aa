import { describe, expect, it } from "vitest";
import { readItem } from "../../lambdas/adapters/dynamodb-read.ts";
import { documents } from "../../lambdas/runtime/documents.ts";
import { answering } from "../doubles/aws-calls.ts";

interface Asked {
  RequestItems: Record<string, { Keys: { pk: { S: string }; sk: { S: string } }[]; ConsistentRead?: boolean }>;
}

/** A table in which every item is there, but those of the partition "none"; `left` keys of a batch are left over, once. */
function table({ left = 0 } = {}) {
  let over = left;
  const { call, asked } = answering((action, input) => {
    if (action === "GetItem") return { Item: (input as { Key: object }).Key };
    const [[name, { Keys, ...how }] = [] as never] = Object.entries((input as Asked).RequestItems);
    const kept = over;
    over = 0;
    const there = Keys.slice(kept).filter(({ pk }) => pk.S !== "none");
    return {
      Responses: { [name]: there.toReversed() },
      UnprocessedKeys: kept === 0 ? {} : { [name]: { Keys: Keys.slice(0, kept), ...how } },
    };
  });
  const client = documents(call);
  const read = (pk: string, consistent = false, name = "record") => readItem({ client, name }, { pk, sk: "1" }, consistent);
  const requests = () => asked.map(({ action }) => action);
  return { read, asked, requests };
}
const item = (pk: string) => ({ pk, sk: "1" });

describe("items that are asked for at once", () => {
  it("are one request, and each has its own", async () => {
    const { read, requests } = table();
    expect(await Promise.all([read("a"), read("none"), read("b")])).toEqual([item("a"), undefined, item("b")]);
    expect(requests()).toEqual(["BatchGetItem"]);
  });

  it("are so as well by who has waited for what was known already", async () => {
    const { read, requests } = table();
    const later = async () => {
      await Promise.resolve();
      await Promise.resolve();
      return read("b");
    };
    expect(await Promise.all([read("a"), later()])).toEqual([item("a"), item("b")]);
    expect(requests()).toEqual(["BatchGetItem"]);
  });

  it("are read consistently by who asked for that, and by nobody else", async () => {
    const { read, asked } = table();
    await Promise.all([read("a", true), read("b", true), read("c"), read("d")]);
    const how = asked.map(({ input }) => (input as Asked).RequestItems.record?.ConsistentRead ?? false);
    expect(how.toSorted()).toEqual([false, true]);
  });

  it("are a request for each table", async () => {
    const { read, requests } = table();
    await Promise.all([read("a", false, "one"), read("a", false, "other")]);
    expect(requests()).toEqual(["GetItem", "GetItem"]);
  });

  it("are asked for once where it is the same item", async () => {
    const { read, requests } = table();
    expect(await Promise.all([read("a"), read("a")])).toEqual([item("a"), item("a")]);
    expect(requests()).toEqual(["GetItem"]);
  });

  it("are all there when DynamoDB leaves some over, still read consistently", async () => {
    const { read, asked } = table({ left: 1 });
    expect(await Promise.all([read("a", true), read("b", true)])).toEqual([item("a"), item("b")]);
    expect(asked.map(({ input }) => (input as Asked).RequestItems.record)).toMatchObject([
      { Keys: [{ pk: { S: "a" } }, { pk: { S: "b" } }], ConsistentRead: true },
      { Keys: [{ pk: { S: "a" } }], ConsistentRead: true },
    ]);
  });

  it("are as many requests as DynamoDB takes keys in", async () => {
    const { read, requests } = table();
    const names = Array.from({ length: 201 }, (_, n) => `p${n}`);
    expect(await Promise.all(names.map((name) => read(name)))).toEqual(names.map(item));
    expect(requests()).toHaveLength(3);
  });

  it("fail together", async () => {
    const { call } = answering(() => Promise.reject(new Error("no such table")));
    const client = documents(call);
    const tries = ["a", "b"].map((pk) => readItem({ client, name: "record" }, { pk, sk: "1" }, false));
    for (const { status } of await Promise.allSettled(tries)) expect(status).toBe("rejected");
  });
});

it("an item that is asked for later is a request of its own", async () => {
  const { read, requests } = table();
  await read("a");
  await read("a");
  expect(requests()).toEqual(["GetItem", "GetItem"]);
});
