import { cardOf } from "../../domain/card.ts";
import type { Head, Observed, ObservedSlot, SlotRecord } from "../../domain/deployment.ts";
import { WorkflowError } from "../../domain/errors.ts";
import { History } from "../../domain/history.ts";
import { recordObservation, worthSaving } from "../../domain/observation.ts";
import { judgeSlot } from "../../domain/slot-condition.ts";
import { describeState } from "../../domain/state.ts";
import { type SlotName, slotNames } from "../../domain/words.ts";
import { RecordConflict } from "../ports/record.ts";
import { factsOf } from "../rollout/slot-facts.ts";
import type { Sight } from "./look-at-cluster.ts";
import { forEach, type SyncPorts } from "./sync-ports.ts";

/** Looked at each minute: an observation without a change is written each time, and readers see how old it is. */
const refreshSeconds = 50;
const actor = "slipway";

/** Writes what is seen of every slot in the cluster, and a change of status where one follows from it. */
export async function observe(heads: Head[], sight: Sight, ports: SyncPorts): Promise<void> {
  await forEach(
    heads,
    ({ id }) => `what is seen of deployment ${id}`,
    ports.log,
    async (head) => {
      const isFollowed = head.active_operation?.step === "AwaitReady";
      const isEmpty = slotNames.every((slot) => head.slots[slot] === null);
      if (!isFollowed && !isEmpty) await observeDeployment(head, sight, ports);
    },
  );
}

async function observeDeployment(head: Head, sight: Sight, ports: SyncPorts): Promise<void> {
  const { record, clock } = ports;
  const before = await record.observed(head.uid);
  const after = recordObservation(head, before, await look(head, sight, clock.now()), clock.now());
  if (!worthSaving(before, after, refreshSeconds)) return;
  await changeStatus(head, before, after, ports);
  await record.saveObserved(head.uid, after, before).catch(unlessOvertaken);
}

async function look(head: Head, sight: Sight, now: number): Promise<Partial<Record<SlotName, ObservedSlot>>> {
  const seen: Partial<Record<SlotName, ObservedSlot>> = {};
  for (const slot of slotNames) {
    const record = head.slots[slot];
    if (record) seen[slot] = await judge(head, slot, record, sight, now);
  }
  return seen;
}

/** Events tell why something is missing; while nothing is, nobody needs them. */
async function judge(head: Head, slot: SlotName, record: SlotRecord, sight: Sight, now: number): Promise<ObservedSlot> {
  const silent = judgeSlot(factsOf(slot, record, { ...sight, events: [] }, head), record.desired, now);
  if (silent.verdict === "ready") return silent.observed;
  const events = await sight.eventsIn(head.place.namespace);
  return judgeSlot(factsOf(slot, record, { ...sight, events }, head), record.desired, now).observed;
}

/** First, and stored before what was seen: should the second write fail, the change is found again a minute later. */
async function changeStatus(head: Head, before: Observed | undefined, after: Observed, { record, clock }: SyncPorts): Promise<void> {
  if (head.active_operation) return;
  const from = describeState(head, before, before ? Date.parse(before.observed_at) : clock.now()).status;
  const to = describeState(head, after, clock.now()).status;
  if (from === to) return;
  const history = new History(head, actor, after.observed_at);
  history.addStateChange(from, to, after.condition, head.revisions.running ?? head.revisions.wanted);
  const moved = { ...head, event_sequence: history.sequence };
  await record.commit({ before: head, after: moved, events: history.events, card: cardOf(head, to) }).catch(unlessOvertaken);
}

/** Something newer was written while we looked: the next look is at that. */
function unlessOvertaken(error: unknown): void {
  const isOvertaken = error instanceof RecordConflict || (error instanceof WorkflowError && error.name === "StaleEpoch");
  if (!isOvertaken) throw error;
}
