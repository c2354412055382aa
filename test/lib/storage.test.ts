import { expect, it } from "vitest";
import { listedAttributes } from "../../lambdas/runtime/settings.ts";
import { synthesize } from "./synthesized.ts";

const { ofType } = synthesize();
const only = (type: string, name = "") => {
  const found = ofType(type).filter(([id]) => id.startsWith(name));
  expect(found).toHaveLength(1);
  return (found[0] as (typeof found)[number])[1];
};

it("keeps the record: point-in-time recovery, deletion protection, retained with the stack gone", () => {
  const table = only("AWS::DynamoDB::GlobalTable", "RecordTable");
  expect(table.DeletionPolicy).toBe("Retain");
  expect(table.Properties.Replicas).toEqual([
    expect.objectContaining({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    }),
  ]);
});

it("gives the record the keys, index, stream and expiry that its adapter uses", () => {
  expect(only("AWS::DynamoDB::GlobalTable", "RecordTable").Properties).toMatchObject({
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: "by-cluster",
        KeySchema: [
          { AttributeName: "cluster_key", KeyType: "HASH" },
          { AttributeName: "uid", KeyType: "RANGE" },
        ],
        Projection: { ProjectionType: "KEYS_ONLY" },
      },
      {
        IndexName: "by-group",
        KeySchema: [
          { AttributeName: "group", KeyType: "HASH" },
          { AttributeName: "listed_name", KeyType: "RANGE" },
        ],
        Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: [...listedAttributes] },
      },
    ],
    StreamSpecification: { StreamViewType: "NEW_AND_OLD_IMAGES" },
    TimeToLiveSpecification: { AttributeName: "expires_at", Enabled: true },
  });
});

it("keeps metrics apart from the record, for a while: nothing hears of them, nothing backs them up", () => {
  const table = only("AWS::DynamoDB::GlobalTable", "MetricsTable");
  expect(table.DeletionPolicy).toBe("Delete");
  expect(table.Properties).toMatchObject({
    BillingMode: "PAY_PER_REQUEST",
    TimeToLiveSpecification: { AttributeName: "expires_at", Enabled: true },
  });
  expect(table.Properties.StreamSpecification).toBeUndefined();
});

it("keeps secret values under a key of their own that is rotated", () => {
  const [keyId, key] = ofType("AWS::KMS::Key")[0] as ReturnType<typeof ofType>[number];
  expect(key.Properties.EnableKeyRotation).toBe(true);
  expect(key.DeletionPolicy).toBe("Retain");
  const table = only("AWS::DynamoDB::Table");
  expect(table.DeletionPolicy).toBe("Retain");
  expect(table.Properties).toMatchObject({
    DeletionProtectionEnabled: true,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    SSESpecification: { SSEEnabled: true, SSEType: "KMS", KMSMasterKeyId: { "Fn::GetAtt": [keyId, "Arn"] } },
  });
});

it("closes the buckets of evidence and of log exports to the public and to plain HTTP", () => {
  const buckets = ofType("AWS::S3::Bucket");
  expect(buckets.map(([id]) => id.replace(/[0-9A-F]{8}$/, "")).sort()).toEqual(["EvidenceBucket", "LogExportsBucket"]);
  for (const [, bucket] of buckets) {
    expect(bucket.DeletionPolicy).toBe("Retain");
    expect(bucket.Properties.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
  }
  const policies = ofType("AWS::S3::BucketPolicy").map(([, { Properties }]) => Properties.PolicyDocument.Statement);
  expect(policies).toHaveLength(buckets.length);
  const plain = { Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } };
  for (const statements of policies) expect(statements).toContainEqual(expect.objectContaining(plain));
});

it("fixes no physical name but the bus's, which others know it by, and those of vended logs", () => {
  const names = ["TableName", "BucketName", "FunctionName", "QueueName", "RoleName", "StateMachineName", "AlarmName"];
  for (const type of [
    "AWS::DynamoDB::Table",
    "AWS::DynamoDB::GlobalTable",
    "AWS::S3::Bucket",
    "AWS::Lambda::Function",
    "AWS::SQS::Queue",
  ]) {
    for (const [, { Properties }] of ofType(type)) for (const name of names) expect(Properties).not.toHaveProperty(name);
  }
  expect(only("AWS::Events::EventBus").Properties.Name).toBe("slipway");
});
