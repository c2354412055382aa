import { ulid } from "ulid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { promotionStore } from "../../lambdas/adapters/dynamodb-promotions.ts";
import { dynamoRecord } from "../../lambdas/adapters/dynamodb-record.ts";
import { triggerStore } from "../../lambdas/adapters/dynamodb-triggers.ts";
import { type DynamoServer, startDynamoServer } from "../doubles/dynamodb-server.ts";
import { TestClock } from "../doubles/test-clock.ts";
import { promotionStoreSuite } from "./promotion-store.ts";
import { triggerStoreSuite } from "./trigger-store.ts";

let server: DynamoServer;
beforeAll(async () => {
  server = await startDynamoServer();
  await server.createRecordTable("record");
});
afterAll(() => server.stop());

describe("triggers on DynamoDB", () => {
  triggerStoreSuite(() => triggerStore({ client: server.client, name: "record" }));
});

describe("promotions on DynamoDB", () => {
  const clock = new TestClock();
  promotionStoreSuite(() => ({
    promotions: promotionStore({ client: server.client, name: "record" }, clock),
    registry: dynamoRecord(server.client, "record", clock),
  }));

  it("looks for one in its group by one read, and for the group only where it is not told", async () => {
    const read: string[] = [];
    const get: typeof server.client.get = async (input) => {
      read.push(String(input.Key?.pk));
      return server.client.get(input);
    };
    const { promotion } = promotionStore({ client: { ...server.client, get }, name: "record" }, clock);
    const id = ulid();
    await promotion(id, "churn");
    expect(read).toEqual(["GROUP#churn"]);
    await promotion(id);
    expect(read.slice(1).every((partition) => partition === `PROMOTION#${id}`)).toBe(true);
  });
});
