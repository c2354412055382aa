import type { PutCommandInput, UpdateCommandInput } from "@aws-sdk/lib-dynamodb";
import type { Ending } from "../../domain/decision.ts";
import type { Head } from "../../domain/deployment.ts";
import { WorkflowError } from "../../domain/errors.ts";
import type { Evidence } from "../../domain/evidence.ts";
import { type KeptTransitions, leftBehind } from "../../domain/observation.ts";
import { type Fence, type OperationProgress, RecordConflict } from "../ports/record.ts";
import { conditionRefused } from "../runtime/documents.ts";
import { eventParts, headPart } from "./dynamodb-commit.ts";
import { evidenceFields } from "./dynamodb-evidence.ts";
import { headOf, slotItem, stepEntry } from "./dynamodb-head-item.ts";
import { type Item, toItem } from "./dynamodb-items.ts";
import { keys } from "./dynamodb-keys.ts";
import { observedItem, observedOf } from "./dynamodb-observed-item.ts";
import { endedFields } from "./dynamodb-operation-item.ts";
import type { DeploymentTable } from "./dynamodb-places.ts";
import { readItem } from "./dynamodb-read.ts";
import { type Part, writeTransaction } from "./dynamodb-transaction.ts";
import { toNumber } from "./instants.ts";
import { setPaths } from "./set-paths.ts";

export function operationProgress(table: DeploymentTable): OperationProgress {
  return {
    enterStep: (fence, step, at, visit) => enterStep(table, fence, step, at, visit),
    saveSlots: (fence, slots, done) => saveSlots(table, fence, slots, done),
    saveEvidence: (fence, evidence) => saveEvidence(table, fence, evidence),
    endOperation: (fence, ending) => endOperation(table, fence, ending),
    async pinDigests(uid, revision, digests) {
      const input = {
        TableName: table.name,
        Key: keys.revision(uid, revision),
        ...setPaths([[["digests"], digests]]),
        ConditionExpression: "attribute_exists(pk) AND attribute_not_exists(#digests)",
      };
      await table.client.update(input).catch((error: unknown) => {
        if (!conditionRefused(error)) throw error;
      });
    },
    saveObserved: (uid, observed, before) => saveObserved(table, uid, observed, before),
  };
}

/** Entered before: a retried or looping Task. HEAD comes back with the refusal, so that is one request too. */
function enterStep(...[table, fence, step, at, visit]: [DeploymentTable, ...Parameters<OperationProgress["enterStep"]>]): Promise<Head> {
  const visited = visit === undefined ? undefined : toNumber(visit);
  const append = "SET active_operation.step = :step, active_operation.steps = list_append(active_operation.steps, :entry)";
  const isNewest = "(attribute_not_exists(active_operation.visit) OR active_operation.visit <= :visit)";
  const change = {
    UpdateExpression: visited === undefined ? append : `${append}, active_operation.visit = :visit`,
    condition: `active_operation.step <> :step${visited === undefined ? "" : ` AND ${isNewest}`}`,
    values: { ":step": step, ":entry": [stepEntry(step, at)], ...(visited !== undefined && { ":visit": visited }) },
  };
  return updateHead(table, fence, change, ({ active_operation: active, ...found }) => {
    const isOver = visit !== undefined && active?.visit !== undefined && active.visit > visit;
    return !isOver && active?.step === step ? { ...found, active_operation: active } : undefined;
  });
}

async function saveObserved(
  ...[table, uid, observed, before]: [DeploymentTable, ...Parameters<OperationProgress["saveObserved"]>]
): Promise<void> {
  const kept = leftBehind(before, observed);
  if (kept) await keepTransitions(table, uid, kept);
  const condition = before ? "version = :before AND epoch <= :epoch" : "attribute_not_exists(pk)";
  const input: PutCommandInput = {
    TableName: table.name,
    Item: observedItem(uid, observed),
    ConditionExpression: condition,
    ...(before && { ExpressionAttributeValues: { ":before": before.version, ":epoch": observed.epoch } }),
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  };
  await table.client.put(input).catch((error: unknown) => {
    const refused = conditionRefused(error);
    if (!refused) throw error;
    const found = refused.item && observedOf(refused.item);
    throw found && found.epoch > observed.epoch ? stale(uid, observed.epoch) : observedSince(uid);
  });
}

const observedSince = (uid: string) => new RecordConflict("version", `somebody else has written what was seen of deployment ${uid}`);

/** Before the observation that leaves them behind is stored. A longer list begins with the same ones, and stays. */
async function keepTransitions(table: DeploymentTable, uid: string, kept: KeptTransitions): Promise<void> {
  const input = {
    TableName: table.name,
    Item: toItem(keys.conditions(uid, kept.first), "CONDITION", kept),
    ConditionExpression: "attribute_not_exists(pk) OR size(transitions) < :count",
    ExpressionAttributeValues: { ":count": kept.transitions.length },
  };
  await table.client.put(input).catch((error: unknown) => {
    if (!conditionRefused(error)) throw error;
  });
}

async function saveSlots(...[table, fence, slots, done]: [DeploymentTable, ...Parameters<OperationProgress["saveSlots"]>]): Promise<Head> {
  const given = Object.entries(slots);
  const assignments = given.map(([slot]) => `slots.${slot} = :${slot}`);
  const change = {
    UpdateExpression: `SET ${[...assignments, ...(done ? [`active_operation.steps[${done.step}].detail = :detail`] : [])].join(", ")}`,
    values: { ...Object.fromEntries(given.map(([slot, value]) => [`:${slot}`, slotItem(value)])), ...(done && { ":detail": done.detail }) },
  };
  const { steps } = fence;
  if (steps === undefined) return updateHead(table, fence, change);
  const condition = "size(active_operation.steps) = :fence_steps";
  return updateHead(table, fence, { ...change, condition, values: { ...change.values, ":fence_steps": steps } }, () => {
    throw new RecordConflict("version", `another step of operation ${fence.operation_id} has begun`);
  });
}

interface HeadChange {
  UpdateExpression: string;
  condition?: string;
  values: Item;
}

/** One write of HEAD, fenced by epoch and operation, giving HEAD as it is afterwards. */
async function updateHead(
  table: DeploymentTable,
  fence: Fence,
  change: HeadChange,
  /** What a refused write means when it was not the fence that refused it. */
  whenRefused: (found: Head) => Head | undefined = () => undefined,
): Promise<Head> {
  const input: UpdateCommandInput = {
    TableName: table.name,
    Key: keys.head(fence.uid),
    UpdateExpression: change.UpdateExpression,
    ConditionExpression: [
      "epoch = :fence_epoch",
      "active_operation.id = :fence_operation",
      ...(change.condition ? [change.condition] : []),
    ].join(" AND "),
    ExpressionAttributeValues: { ...change.values, ":fence_epoch": fence.epoch, ":fence_operation": fence.operation_id },
    ReturnValues: "ALL_NEW",
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  };
  try {
    const { Attributes } = await table.client.update(input);
    return await headOf(table, Attributes as Item);
  } catch (error) {
    const refused = conditionRefused(error);
    if (!refused) throw error;
    const found = refused.item && (await headOf(table, refused.item));
    const fenced = found?.epoch === fence.epoch && found.active_operation?.id === fence.operation_id;
    const known = fenced ? whenRefused(found) : undefined;
    if (known) return known;
    throw stale(fence.uid, fence.epoch);
  }
}

/** Fenced by the operation itself: whatever raises the epoch ends the operation in the same transaction. */
async function saveEvidence(table: DeploymentTable, fence: Fence, evidence: Partial<Evidence>): Promise<void> {
  const kept = Object.entries(evidenceFields(evidence)).map(([name, value]): [string[], unknown] => [[name], value]);
  if (kept.length === 0) return;
  const update = setPaths([...kept, [["epoch"], fence.epoch], [["item_type"], "OPERATION"]]);
  const input = {
    TableName: table.name,
    Key: keys.operation(fence.operation_id),
    ...update,
    ConditionExpression: "attribute_not_exists(outcome) AND (attribute_not_exists(pk) OR #epoch = :fence_epoch)",
    ExpressionAttributeValues: { ...update.ExpressionAttributeValues, ":fence_epoch": fence.epoch },
  };
  await table.client.update(input).catch((error: unknown) => {
    throw conditionRefused(error) ? stale(fence.uid, fence.epoch) : error;
  });
}

async function endOperation(table: DeploymentTable, fence: Fence, ending: Ending): Promise<Head> {
  const { before, after, events } = ending;
  const refused = () => new RecordConflict("version", `deployment ${after.id} has moved`);
  try {
    const { uid, epoch, active_operation } = before;
    if (uid !== fence.uid || epoch !== fence.epoch || active_operation?.id !== fence.operation_id) throw refused();
    await writeTransaction(table.client, [
      headPart(table, before, after, ending.card.status),
      outcomePart(table, ending, refused),
      ...eventParts(table, after.uid, events),
      ...(after.deleted_at === null ? [] : [freeId(table, after, refused)]),
    ]);
    return after;
  } catch (error) {
    if (error instanceof RecordConflict) return endedAlready(table, fence, ending, error);
    throw error;
  }
}

/** A retried Task ends what it has ended already: same outcome, no error. Otherwise it is told which race it lost. */
async function endedAlready(table: DeploymentTable, fence: Fence, ending: Ending, conflict: RecordConflict): Promise<Head> {
  const [operation, item] = await Promise.all([
    readItem(table, keys.operation(fence.operation_id), true),
    readItem(table, keys.head(fence.uid), true),
  ]);
  const head = item && (await headOf(table, item));
  if (head && operation && operation.outcome === ending.operation.outcome) return head;
  const fenced = head?.epoch === fence.epoch && head.active_operation?.id === fence.operation_id;
  throw fenced ? conflict : stale(fence.uid, fence.epoch);
}

function outcomePart(table: DeploymentTable, ending: Ending, refused: () => Error): Part {
  const update = setPaths(Object.entries({ ...endedFields(ending), item_type: "OPERATION" }).map(([field, value]) => [[field], value]));
  const Update = {
    TableName: table.name,
    Key: keys.operation(ending.operation.id),
    ...update,
    ConditionExpression: "attribute_not_exists(#outcome)",
  };
  return { write: { Update }, refused };
}

/** The reservation stays, so that the id still leads to the deleted deployment, until somebody takes it. */
function freeId(table: DeploymentTable, head: Head, refused: () => Error): Part {
  const Update = {
    TableName: table.name,
    Key: keys.reservation(head.id),
    UpdateExpression: "SET deleted_at = :at",
    ConditionExpression: "uid = :uid",
    ExpressionAttributeValues: { ":at": head.deleted_at, ":uid": head.uid },
  };
  return { write: { Update }, refused };
}

const stale = (uid: string, epoch: number) =>
  new WorkflowError("StaleEpoch", "StaleEpoch", `epoch ${epoch} of deployment ${uid} is over: a newer operation has begun`);
