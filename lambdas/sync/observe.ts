import { cardOf } from "../../domain/card.ts";
import { seenSlot } from "../../domain/current-condition.ts";
import type { Head } from "../../domain/deployment.ts";
import { tellDrift } from "../../domain/drift-events.ts";
import { WorkflowError } from "../../domain/errors.ts";
import { History } from "../../domain/history.ts";
import { newlyLeaving, tellLeaving } from "../../domain/instance-endings.ts";
import { newFailures, tellFailure } from "../../domain/instance-failures.ts";
import { tellObjective } from "../../domain/objective-events.ts";
import { recordObservation, worthSaving } from "../../domain/observation.ts";
import type { Observed, ObservedSlot } from "../../domain/observed.ts";
import { isInTheMaking } from "../../domain/operation-kinds.ts";
import { withWays } from "../../domain/reachability.ts";
import { describeState } from "../../domain/state.ts";
import { type SlotName, slotNames } from "../../domain/words.ts";
import { type Change, RecordConflict } from "../ports/record.ts";
import type { SeenObjects } from "../rollout/slot-facts.ts";
import { evidenceOfInstance, linesOfLeaving } from "./instance-evidence.ts";
import { judgeSeen } from "./judge-seen.ts";
import type { Sight } from "./look-at-cluster.ts";
import type { Objectives } from "./objectives.ts";
import { driftIn } from "./slot-drift.ts";
import { forEach, type ObservePorts } from "./sync-ports.ts";

const actor = "slipway";
/** When a node goes, many instances do: what each of them left would take too long to read. */
const failuresAtOnce = 5;
/** A change is written, and nothing else: that there was none is said of the whole cluster at once. */
const never = Number.POSITIVE_INFINITY;

/** What is seen of a cluster, as far as a deployment's condition is read from it. */
export type SlotSight = Omit<SeenObjects, "events"> &
  Pick<Sight, "eventsIn" | "unseenIn" | "routes" | "slices" | "scalers"> &
  Partial<Judging>;

/** Who reads what gateways count. */
type Judging = Pick<Objectives, "missedIn">;

/** Writes what is seen of every slot in the cluster, and a change of status where one follows from it. Gives those of which it could not be written. */
export async function observe(heads: Head[], sight: SlotSight, ports: ObservePorts): Promise<Head[]> {
  return forEach(
    heads.filter(isObserved),
    ({ id }) => `what is seen of deployment ${id}`,
    ports.log,
    async (head) => {
      await observeDeployment(head, await ports.record.observed(head.uid), sight, ports);
    },
  );
}

/** Of a deployment with something in the cluster; AwaitReady is the one to write of what it follows. */
export const isObserved = ({ active_operation, slots }: Head): boolean =>
  active_operation?.step !== "AwaitReady" && slotNames.some((slot) => slots[slot] !== null);

/** Gives what is seen now, written if it has changed; undefined when something newer was written meanwhile: look again. */
export async function observeDeployment(
  head: Head,
  before: Observed | undefined,
  sight: SlotSight,
  ports: ObservePorts,
): Promise<Observed | undefined> {
  const { record, clock } = ports;
  const after = recordObservation(head, before, await look(head, before, sight, ports), clock.now());
  const change = await changeTold(head, before, after, sight, ports);
  if (!change && !worthSaving(before, after, never)) return before;
  try {
    // First: should the second write fail, the change is found again at the next look.
    if (change) await record.commit(change);
    await record.saveObserved(head.uid, after, before);
    return after;
  } catch (error) {
    if (error instanceof RecordConflict || (error instanceof WorkflowError && error.name === "StaleEpoch")) return undefined;
    throw error;
  }
}

async function look(
  head: Head,
  before: Observed | undefined,
  sight: SlotSight,
  { record: reader, clock }: ObservePorts,
): Promise<Partial<Record<SlotName, ObservedSlot>>> {
  const now = clock.now();
  const seen: Partial<Record<SlotName, ObservedSlot>> = {};
  for (const slot of slotNames) {
    const record = head.slots[slot];
    if (!record || isInTheMaking(head, slot)) continue;
    const drift = await driftIn(reader, head, slot, record, sight);
    const missed = sight.missedIn?.(head, record, seenSlot(head, before, slot)?.missed ?? null);
    seen[slot] = { ...(await judgeSeen({ head, slot, record }, sight, now)), drift, ...(missed !== undefined && { missed }) };
  }
  return withWays(head, seen, { ...sight, unseen: sight.unseenIn(head.place.namespace) }, now);
}

/** What there is to tell of what is seen, or of time alone: instances that ended, and what follows for the status. */
async function changeTold(
  head: Head,
  before: Observed | undefined,
  after: Observed,
  { pods }: SlotSight,
  ports: ObservePorts,
): Promise<Change | undefined> {
  const now = ports.clock.now();
  const from = describeState(head, before, before ? Date.parse(before.observed_at) : now).status;
  const { status: to, health } = describeState(head, after, now);
  const history = new History(head, actor, after.observed_at);
  const failures = newFailures(before, after).slice(0, failuresAtOnce);
  const left = await Promise.all(failures.map((instance) => evidenceOfInstance(ports, head, pods, instance)));
  for (const [index, instance] of failures.entries()) tellFailure(history, head, instance, left[index]);
  const leaving = newlyLeaving(before, after);
  if (leaving.length > 0) tellLeaving(history, head, leaving, await linesOfLeaving(ports, head, pods, leaving));
  tellDrift(history, head, before, after);
  tellObjective(history, head, before, after);
  // While an operation is under way its steps say what becomes of the status.
  if (!head.active_operation) history.addStateChange(from, to, after.condition, head.revisions.running ?? head.revisions.wanted, health);
  if (history.events.length === 0) return undefined;
  return { before: head, after: { ...head, event_sequence: history.sequence }, events: history.events, card: cardOf(head, to) };
}
