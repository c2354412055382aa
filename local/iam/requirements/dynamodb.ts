import { AwsError } from "../../aws/error.ts";
import type { AwsCall } from "../../aws/service.ts";
import { arn } from "../../template/place.ts";
import type { Requirement } from "../policy.ts";

/** By table: the attribute that parts it, and the customer's key that opens it, or null when AWS's own does. */
export type TableKeys = ReadonlyMap<string, { partition: string; key_arn: string | null }>;

type Body = Record<string, unknown>;
/** `part`: of a transaction, what is about one item. */
type Need = (body: Body) => (Requirement & { part?: Body })[];

/** What a DynamoDB call needs; each part of a batch or transaction is weighed on its own, as DynamoDB does. */
export function dynamodbRequirements(call: AwsCall, keys: TableKeys): Requirement[] {
  const action = call.action ?? "";
  const need = needs[action];
  if (need === undefined)
    throw new AwsError(
      "UnknownOperationException",
      `The local runtime does not weigh dynamodb:${action} (local/iam/requirements/dynamodb.ts)`,
    );
  const body = JSON.parse(call.body.toString("utf8") || "{}") as Body;
  const requirements = need(body).map(({ part = body, ...requirement }) => ({
    ...requirement,
    context: { ...leadingKeys(part, keys), ...namedAttributes(part) },
  }));
  return [...requirements, ...keyRequirements(requirements, keys)];
}

/** The partition that a call of one item, or a query of the table, is about, as conditions of policies name it. */
function leadingKeys(body: Body, keys: TableKeys): Requirement["context"] {
  const item = (body.Key ?? body.Item) as Record<string, AttributeValue> | undefined;
  const partition = keys.get(tableName(body.TableName))?.partition;
  const value = partition === undefined ? undefined : (item?.[partition] ?? queried(body, partition));
  return value && { "dynamodb:leadingkeys": Object.values(value).map(String) };
}

const expressions = ["ProjectionExpression", "UpdateExpression", "ConditionExpression", "KeyConditionExpression", "FilterExpression"];
const keywords = new Set(["AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"]);

/** The attributes that a call of one item or a query names, by their first step: what it reads or writes, and what its conditions look at. */
function namedAttributes(body: Body): Requirement["context"] {
  const names = (body.ExpressionAttributeNames ?? {}) as Record<string, string>;
  const inExpressions = expressions.flatMap((name) =>
    // A name is no value (`:v`), no function (`size(`), and no further step of a path (`a.b`).
    [...String(body[name] ?? "").matchAll(/(?<![\w:.#])#?[A-Za-z_]\w*(?!\w|\s*\()/g)].map(([token]) => token),
  );
  const attributes = inExpressions.filter((token) => !keywords.has(token.toUpperCase())).map((token) => names[token] ?? token);
  const all = [...Object.keys((body.Key ?? body.Item ?? {}) as Body), ...attributes];
  return all.length === 0 ? {} : { "dynamodb:attributes": [...new Set(all)] };
}

type AttributeValue = Record<string, unknown>;

/** Of an index the partition is another attribute, which these conditions do not name. */
function queried({ IndexName, KeyConditionExpression, ...body }: Body, partition: string): AttributeValue | undefined {
  if (IndexName !== undefined || KeyConditionExpression === undefined) return undefined;
  const names = (body.ExpressionAttributeNames ?? {}) as Record<string, string>;
  const values = (body.ExpressionAttributeValues ?? {}) as Record<string, AttributeValue>;
  const equalities = String(KeyConditionExpression).matchAll(/([#\w.-]+)\s*=\s*(:\w+)/g);
  const [, , value = ""] = [...equalities].find(([, name = ""]) => (names[name] ?? name) === partition) ?? [];
  return values[value];
}

/** DynamoDB opens the table's own key with the caller's right to Decrypt, for reading and for writing alike. */
function keyRequirements(requirements: Requirement[], keys: TableKeys): Requirement[] {
  const touched = new Set(requirements.filter(({ action }) => touchesItems(action)).map(({ resource }) => resource.split("/")[1] ?? ""));
  return [...touched].flatMap((table) => {
    const key = keys.get(table)?.key_arn ?? null;
    const context = { "kms:viaservice": ["dynamodb.us-east-1.amazonaws.com"], "kms:encryptioncontext:aws:dynamodb:tablename": [table] };
    return key === null ? [] : [{ action: "kms:Decrypt", resource: key, context }];
  });
}

const touchesItems = (action: string): boolean => !/Describe|List|CreateTable|UpdateTable|UpdateTimeToLive/.test(action);

export const tableName = (nameOrArn: unknown): string => String(nameOrArn).replace(/^arn:.*?table\//, "");
const tableArn = (nameOrArn: unknown): string => arn("dynamodb", `table/${tableName(nameOrArn)}`);

const onTable =
  (action: string): Need =>
  (body) => [{ action: `dynamodb:${action}`, resource: tableArn(body.TableName) }];
const onIndex =
  (action: string): Need =>
  (body) => [{ action: `dynamodb:${action}`, resource: tableArn(body.TableName) + (body.IndexName ? `/index/${body.IndexName}` : "") }];
const onEachTable =
  (action: string): Need =>
  (body) =>
    Object.keys(body.RequestItems as Body).map((table) => ({ action: `dynamodb:${action}`, resource: tableArn(table) }));
const onEverything =
  (action: string): Need =>
  () => [{ action: `dynamodb:${action}`, resource: "*" }];
const onStream =
  (action: string): Need =>
  (body) => [{ action: `dynamodb:${action}`, resource: String(body.StreamArn ?? body.ShardIterator ?? "*") }];

const transactionActions: Record<string, string> = {
  Put: "PutItem",
  Update: "UpdateItem",
  Delete: "DeleteItem",
  ConditionCheck: "ConditionCheckItem",
  Get: "GetItem",
};
const onTransaction: Need = (body) =>
  (body.TransactItems as Record<string, Body>[]).flatMap((item) =>
    Object.entries(item).map(([kind, part]) => ({
      action: `dynamodb:${transactionActions[kind] ?? kind}`,
      resource: tableArn(part.TableName),
      part,
    })),
  );

const needs: Record<string, Need> = {
  ...Object.fromEntries(["GetItem", "PutItem", "UpdateItem", "DeleteItem"].map((action) => [action, onTable(action)])),
  ...Object.fromEntries(["DescribeTable", "DescribeTimeToLive", "UpdateTimeToLive"].map((action) => [action, onTable(action)])),
  ...Object.fromEntries(
    ["CreateTable", "UpdateTable", "DeleteTable", "DescribeContinuousBackups"].map((action) => [action, onTable(action)]),
  ),
  ...Object.fromEntries(["Query", "Scan"].map((action) => [action, onIndex(action)])),
  ...Object.fromEntries(["BatchGetItem", "BatchWriteItem"].map((action) => [action, onEachTable(action)])),
  ...Object.fromEntries(
    ["ListTables", "DescribeLimits", "DescribeEndpoints", "ListStreams"].map((action) => [action, onEverything(action)]),
  ),
  ...Object.fromEntries(["DescribeStream", "GetShardIterator", "GetRecords"].map((action) => [action, onStream(action)])),
  TransactWriteItems: onTransaction,
  TransactGetItems: onTransaction,
};
