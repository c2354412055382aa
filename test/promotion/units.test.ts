import { afterAll, beforeAll, expect, it } from "vitest";
import { promotionStore } from "../../lambdas/adapters/dynamodb-promotions.ts";
import { dynamoRecord } from "../../lambdas/adapters/dynamodb-record.ts";
import { dynamoSecrets } from "../../lambdas/adapters/dynamodb-secrets.ts";
import { configuredPlace } from "../../lambdas/operations/configured-place.ts";
import { deployVersion } from "../../lambdas/promotion/deploy-version.ts";
import { type DynamoServer, startDynamoServer } from "../doubles/dynamodb-server.ts";
import { installationOn } from "../doubles/installation.ts";
import { TestClock } from "../doubles/test-clock.ts";

let server: DynamoServer;
beforeAll(async () => {
  server = await startDynamoServer();
  await server.createRecordTable("record");
  await server.createTable("secrets");
});
afterAll(() => server.stop());

const clock = new TestClock();
const stores = (places: Parameters<typeof configuredPlace>[0] = {}) => ({
  record: dynamoRecord(server.client, "record", clock, {
    secretsTableName: "secrets",
    configured: (of) => configuredPlace(places, of),
  }),
  promotions: promotionStore({ client: server.client, name: "record" }, clock),
  secrets: dynamoSecrets(server.client, "secrets"),
});
const card = { group: "fraud", name: "card" };

/** What a process pays that knows nothing yet. A larger number here is a larger bill, and each request a later first answer. */
it("makes a deployment of a stage by four requests, and brings the next version there by five", async () => {
  const system = installationOn(stores(), { clock });
  const body = { automatic: "none", staging: { specification: { access: "public" } }, production: { specification: { access: "public" } } };
  await system.member("POST /v1/models", { body: card });
  await system.admin("PUT /v1/models/{group}/{name}/promotion-policy", { parameters: card, body });
  const brought = async () => {
    const version = await system.member("POST /v1/models/{group}/{name}/versions", {
      parameters: card,
      body: { artifact_uri: "s3://artifacts/card", runtime: "onnx" },
    });
    const begun = await system.admin("POST /v1/models/{group}/{name}/versions/{version}/promotions", {
      parameters: { ...card, version: String(version.body.version) },
      body: { environment: "staging" },
    });
    const { id } = begun.body.promotion;
    server.consumed();
    const input = { promotion_id: id, group: "fraud", stage: "staging" } as const;
    const { rollout } = (await deployVersion(input, { ...system, ...stores(system.environments) })) as {
      rollout: { uid: string; operation_id: string; epoch: number };
    };
    const cost = server.consumed();
    await system.end({ ...rollout, id: rollout.operation_id });
    await system.admin("POST /v1/promotions/{id}/abort", { parameters: { id }, body: {} });
    return cost;
  };
  const reads = ["BatchGetItem", "BatchGetItem"];
  expect(await brought()).toEqual({ read: 5, write: 16, calls: [...reads, "BatchGetItem", "TransactWriteItems"] });
  expect(await brought()).toEqual({ read: 5.5, write: 9, calls: [...reads, "Query", "GetItem", "TransactWriteItems"] });
});
