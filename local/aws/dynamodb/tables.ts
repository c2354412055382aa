import type { Application, Resource } from "../../template/application.ts";
import { AwsError } from "../error.ts";
import type { EngineClient } from "./client.ts";

interface Key {
  AttributeName: string;
  KeyType: "HASH" | "RANGE";
}
interface Index {
  IndexName: string;
  KeySchema: Key[];
  Projection: object;
}
interface TableProperties {
  AttributeDefinitions: object[];
  KeySchema: Key[];
  GlobalSecondaryIndexes?: Index[];
  StreamSpecification?: { StreamViewType: string };
  TimeToLiveSpecification?: { Enabled?: boolean; AttributeName?: string };
  SSESpecification?: { KMSMasterKeyId?: string };
  Replicas?: { SSESpecification?: { KMSMasterKeyId?: string } }[];
}

/** A table as the local system needs to know it. */
export interface Table {
  name: string;
  arn: string;
  /** As `Fn::GetAtt StreamArn` gives it in the template. */
  template_stream_arn: string;
  keys: string[];
  /** null: items do not expire. */
  expiry_attribute: string | null;
  /** ARN of the customer's key; null when the table is under AWS's own. */
  key_arn: string | null;
}

const tableTypes = ["AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table"];

/** Makes the template's tables that are not there yet. Errors: a table of an earlier run that has other keys. */
export async function createTables(application: Application, engine: EngineClient): Promise<Table[]> {
  const resources = tableTypes.flatMap((type) => application.ofType(type));
  return Promise.all(
    resources.map(async (resource) => {
      await createTable(resource, engine);
      return describe(resource, application);
    }),
  );
}

async function createTable(resource: Resource, engine: EngineClient): Promise<void> {
  const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, StreamSpecification } =
    resource.properties as unknown as TableProperties;
  const indexes = GlobalSecondaryIndexes?.map(({ IndexName, KeySchema: keys, Projection }) => ({ IndexName, KeySchema: keys, Projection }));
  try {
    await engine.table("CreateTable", {
      TableName: resource.ref,
      AttributeDefinitions,
      KeySchema,
      ...(indexes === undefined ? {} : { GlobalSecondaryIndexes: indexes }),
      BillingMode: "PAY_PER_REQUEST",
      ...(StreamSpecification === undefined ? {} : { StreamSpecification: { StreamEnabled: true, ...StreamSpecification } }),
    });
  } catch (error) {
    if (!(error instanceof AwsError && error.code === "ResourceInUseException")) throw error;
    await matchExisting(resource, indexes ?? [], engine);
  }
}

async function matchExisting(resource: Resource, indexes: Index[], engine: EngineClient): Promise<void> {
  const { KeySchema, AttributeDefinitions } = resource.properties as unknown as TableProperties;
  const { Table: existing } = await engine.table<{ Table: { KeySchema: Key[]; GlobalSecondaryIndexes?: Index[] } }>("DescribeTable", {
    TableName: resource.ref,
  });
  if (names(existing.KeySchema) !== names(KeySchema)) {
    throw new Error(
      `The table ${resource.ref} of an earlier run has the keys ${names(existing.KeySchema)}, the template asks for ${names(KeySchema)}. ` +
        "Keys cannot be changed: start with another data folder, or remove this one",
    );
  }
  for (const index of indexes) {
    if (existing.GlobalSecondaryIndexes?.some(({ IndexName }) => IndexName === index.IndexName)) continue;
    await engine.table("UpdateTable", { TableName: resource.ref, AttributeDefinitions, GlobalSecondaryIndexUpdates: [{ Create: index }] });
  }
}

const names = (keys: Key[]): string => keys.map(({ AttributeName }) => AttributeName).join(", ");

function describe(resource: Resource, application: Application): Table {
  const { KeySchema, TimeToLiveSpecification, SSESpecification, Replicas } = resource.properties as unknown as TableProperties;
  const key = SSESpecification?.KMSMasterKeyId ?? Replicas?.find(({ SSESpecification: own }) => own)?.SSESpecification?.KMSMasterKeyId;
  return {
    name: resource.ref,
    arn: resource.attributes.Arn ?? "",
    template_stream_arn: resource.attributes.StreamArn ?? "",
    keys: KeySchema.map(({ AttributeName }) => AttributeName),
    expiry_attribute: TimeToLiveSpecification?.AttributeName ?? null,
    key_arn: key === undefined ? null : keyArn(key, application),
  };
}

function keyArn(key: string, application: Application): string {
  const found = application.ofType("AWS::KMS::Key").find(({ ref, attributes }) => ref === key || attributes.Arn === key);
  if (found === undefined) throw new Error(`A table is encrypted with ${key}, which is no key of the template`);
  return found.attributes.Arn ?? "";
}
