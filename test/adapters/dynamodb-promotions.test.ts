import { afterAll, beforeAll, describe } from "vitest";
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
});
