import { randomBytes } from "node:crypto";
import type { TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import { cancellationCodes, isPassingCancellation } from "../runtime/aws-error.ts";
import type { DocumentClient } from "../runtime/documents.ts";
import type { Item } from "./dynamodb-items.ts";
import type { Table } from "./dynamodb-query.ts";

export type TransactItem = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];

/** One write of a transaction, and the error that its failed condition means. */
export interface Part {
  write: TransactItem;
  refused: () => Error;
}

/** One that is refused where the item is there already, or by another condition. */
export function put(
  table: Pick<Table, "name">,
  item: Item,
  refused: () => Error,
  condition = "attribute_not_exists(pk)",
  values?: Item,
): Part {
  const Put = { TableName: table.name, Item: item, ConditionExpression: condition, ...(values && { ExpressionAttributeValues: values }) };
  return { write: { Put }, refused };
}

const attempts = 6;

/**
 * Writes all parts or none. When conditions fail, the error of the first such part is thrown: callers put the parts in
 * the order of what a person should hear first. Two transactions that touch the same item at the same moment are no
 * conflict of conditions: the loser tries again after a short random wait, as whoever is throttled does.
 */
export async function writeTransaction(client: DocumentClient, parts: Part[]): Promise<void> {
  const TransactItems = parts.map(({ write }) => write);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.transactWrite({ TransactItems, ClientRequestToken: newToken() });
      return;
    } catch (error) {
      const codes = cancellationCodes(error);
      const failed = parts.find((_, index) => codes[index] === "ConditionalCheckFailed");
      if (failed) throw failed.refused();
      if (!isPassingCancellation(error) || attempt === attempts) throw error;
      await pause(attempt);
    }
  }
}

/** Any text that nobody else has: a UUID would have Node make its stock of them first. */
const newToken = (): string => randomBytes(16).toString("base64url");

/** Full jitter, 25 ms doubling: at most 0.8 s in all, well within a request's time. */
export function pause(attempt: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** attempt));
}
