import { afterAll, beforeAll, describe } from "vitest";
import { dynamoRecord } from "../../lambdas/adapters/dynamodb-record.ts";
import { type DynamoServer, startDynamoServer } from "../doubles/dynamodb-server.ts";
import { recordStoreSuite } from "./record-store/suite.ts";

describe("the record on DynamoDB", () => {
  let server: DynamoServer;
  beforeAll(async () => {
    server = await startDynamoServer();
    await server.createRecordTable("record");
  });
  afterAll(() => server.stop());

  recordStoreSuite(() => {
    let now = Date.parse("2026-11-21T09:00:00.000Z");
    const record = dynamoRecord(server.client, "record", { now: () => now });
    return { record, passTime: (milliseconds) => (now += milliseconds) };
  });
});
