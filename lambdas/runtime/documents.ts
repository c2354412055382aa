import type * as Documents from "@aws-sdk/lib-dynamodb";
import { type AttributeValues, fromValues as plainFields, toValues } from "./attribute-values.ts";
import { AwsError } from "./aws-error.ts";
import type { AwsCall } from "./aws-json.ts";

type Answer<Output> = Promise<Omit<Output, "$metadata">>;

/** DynamoDB's own requests and answers, with items as plain objects: what the SDK's document client takes and gives. */
export interface DocumentClient {
  get(input: Documents.GetCommandInput): Answer<Documents.GetCommandOutput>;
  batchGet(input: Documents.BatchGetCommandInput): Answer<Documents.BatchGetCommandOutput>;
  query(input: Documents.QueryCommandInput): Answer<Documents.QueryCommandOutput>;
  batchWrite(input: Documents.BatchWriteCommandInput): Answer<Documents.BatchWriteCommandOutput>;
  put(input: Documents.PutCommandInput): Answer<Documents.PutCommandOutput>;
  update(input: Documents.UpdateCommandInput): Answer<Documents.UpdateCommandOutput>;
  delete(input: Documents.DeleteCommandInput): Answer<Documents.DeleteCommandOutput>;
  transactWrite(input: Documents.TransactWriteCommandInput): Answer<Documents.TransactWriteCommandOutput>;
}

export function documents(call: AwsCall): DocumentClient {
  const one = (action: string) => async (input: object) => plain(await call(action, typed(input)));
  return {
    get: one("GetItem"),
    query: one("Query"),
    put: one("PutItem"),
    update: one("UpdateItem"),
    delete: one("DeleteItem"),
    async batchGet({ RequestItems = {}, ...input }) {
      const answer = await call("BatchGetItem", { ...input, RequestItems: eachTable(RequestItems, keysBy(toValues)) });
      const { Responses = {}, UnprocessedKeys = {} } = answer;
      return {
        ...answer,
        Responses: eachTable(Responses as Tables<Fields[]>, (items) => items.map(fromValues)),
        UnprocessedKeys: eachTable(UnprocessedKeys as Tables<Asked>, keysBy(fromValues)),
      };
    },
    async batchWrite({ RequestItems = {}, ...input }) {
      const answer = await call("BatchWriteItem", { ...input, RequestItems: eachTable(RequestItems, writesBy(toValues)) });
      const { UnprocessedItems = {} } = answer;
      return { ...answer, UnprocessedItems: eachTable(UnprocessedItems as Tables<object[]>, writesBy(fromValues)) };
    },
    transactWrite({ TransactItems = [], ...input }) {
      return call("TransactWriteItems", { ...input, TransactItems: writesBy(toValues)(TransactItems) });
    },
  };
}

/** Of a write whose condition did not hold: the item as it is, when the write asked for it. undefined for any other error. */
export function conditionRefused(error: unknown): { item: Fields | undefined } | undefined {
  if (!(error instanceof AwsError) || error.name !== "ConditionalCheckFailedException") return undefined;
  const item = error.members.Item as Fields | undefined;
  return { item: item && fromValues(item) };
}

type Fields = Record<string, unknown>;
type Tables<Of> = Record<string, Of>;
interface Asked {
  Keys?: Fields[] | undefined;
}

const fromValues = (values: Fields): Fields => plainFields(values as AttributeValues);

const inRequests = ["Item", "Key", "ExclusiveStartKey", "ExpressionAttributeValues"];
const inAnswers = ["Item", "Attributes", "LastEvaluatedKey"];

const typed = (input: object): Fields => converted(input as Fields, inRequests, toValues);
/** Each by the kind of write that it is: `{ PutRequest: { Item } }`, `{ Update: { Key, … } }`. */
const writesBy = (convert: (fields: Fields) => Fields) => (writes: object[]) =>
  writes.map((each) => Object.fromEntries(Object.entries(each).map(([kind, write]) => [kind, converted(write, inRequests, convert)])));
function plain(answer: Fields): Fields {
  const items = answer.Items as Fields[] | undefined;
  return { ...converted(answer, inAnswers, fromValues), ...(items && { Items: items.map(fromValues) }) };
}

function converted(given: Fields, names: string[], convert: (fields: Fields) => Fields): Fields {
  const present = names.filter((name) => given[name] !== undefined);
  return { ...given, ...Object.fromEntries(present.map((name) => [name, convert(given[name] as Fields)])) };
}

const keysBy = (convert: (fields: Fields) => Fields) => (asked: Asked) => ({ ...asked, Keys: (asked.Keys ?? []).map(convert) });

const eachTable = <From, To>(tables: Tables<From>, convert: (of: From) => To): Tables<To> =>
  Object.fromEntries(Object.entries(tables).map(([name, of]) => [name, convert(of)]));
