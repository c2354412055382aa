import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { dynamoLogSearches } from "../../lambdas/adapters/dynamodb-log-searches.ts";
import type { LogSearches } from "../../lambdas/ports/log-searches.ts";
import { type DynamoServer, startDynamoServer } from "../doubles/dynamodb-server.ts";

let server: DynamoServer;
let searches: LogSearches;
let table = 0;
beforeAll(async () => {
  server = await startDynamoServer();
});
afterAll(() => server?.stop());
beforeEach(async () => {
  table += 1;
  await server.createRecordTable(`record-${table}`);
  searches = dynamoLogSearches({ client: server.client, name: `record-${table}` });
});

it("takes those that were last awaited before a time, once", async () => {
  await searches.await("left", 1_000);
  await searches.await("awaited", 1_000);
  await searches.await("awaited", 2_000);
  expect(await searches.takeLeft(1_000)).toEqual([]);
  expect(await searches.takeLeft(2_000)).toEqual(["left"]);
  expect(await searches.takeLeft(2_000)).toEqual([]);
  expect(await searches.takeLeft(2_001)).toEqual(["awaited"]);
});

it("gives each to one of two who ask at once", async () => {
  const ids = Array.from({ length: 20 }, (_, index) => `search-${index}`);
  await Promise.all(ids.map((id) => searches.await(id, 1)));
  const [one, other] = await Promise.all([searches.takeLeft(2), searches.takeLeft(2)]);
  expect([...one, ...other].sort()).toEqual(ids.toSorted());
});

it("takes none that is over, and asks for half a unit when there is none", async () => {
  await searches.await("over", 1);
  await searches.forget("over");
  await searches.forget("never there");
  server.consumed();
  expect(await searches.takeLeft(2)).toEqual([]);
  expect(server.consumed()).toMatchObject({ read: 0.5, write: 0 });
});

it("leaves what somebody has asked for meanwhile", async () => {
  await searches.await("search", 1);
  const { client } = server;
  const late = dynamoLogSearches({
    name: `record-${table}`,
    client: {
      ...client,
      query: async (input) => {
        const answer = await client.query(input);
        await searches.await("search", 5);
        return answer;
      },
    },
  });
  expect(await late.takeLeft(2)).toEqual([]);
  expect(await searches.takeLeft(6)).toEqual(["search"]);
});
