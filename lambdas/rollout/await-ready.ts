import type { Condition } from "../../domain/condition.ts";
import type { Head, SlotRecord } from "../../domain/deployment.ts";
import { WorkflowError } from "../../domain/errors.ts";
import type { Evidence } from "../../domain/evidence.ts";
import type { SlotFacts } from "../../domain/kubernetes.ts";
import { recordObservation, worthSaving } from "../../domain/observation.ts";
import type { Observed } from "../../domain/observed.ts";
import type { Revision } from "../../domain/revision.ts";
import { judgeSlot } from "../../domain/slot-condition.ts";
import { servingSlot } from "../../domain/traffic.ts";
import { type SlotName, slotNames } from "../../domain/words.ts";
import type { EvidenceStore } from "../ports/evidence.ts";
import { RecordConflict } from "../ports/record.ts";
import type { WorkflowInput } from "../ports/workflows.ts";
import { type FilledSlot, filledSlotOf } from "./filled-slot.ts";
import { longestBlindMilliseconds } from "./gateway-blindness.ts";
import { withLastWords } from "./last-words.ts";
import { digestsIn, evidenceOfFailure, logsOf, pullableDigests } from "./slot-evidence.ts";
import { type SlotWatch, watchSlots } from "./slot-watch.ts";
import { beginStep, newest, type Step, type StepPorts } from "./step.ts";

export type AwaitReadyPorts = StepPorts & { evidence: EvidenceStore };
export interface Awaited {
  /** false: this Lambda's time is nearly over, and the state machine is asked to come again. */
  ready: boolean;
  /** What its instances run, for the evidence of the step that writes next. */
  digests?: Evidence["digests"];
}

/** What is needed to keep evidence and answer before the time limit. */
const reserveMilliseconds = 20_000;
/** Verdicts may come by time alone, without a change in the cluster. */
const longestWaitMilliseconds = 2_000;
/** Without a change the time of looking is written this often, so that what is shown does not count as old. */
const refreshSeconds = 60;
/** A stage that lasts no longer is written with the one after it: each write costs, and nobody could have read it. */
const shortestStageMilliseconds = 300;
/** What takes longer is to be explained, as what has failed is: by events, and by what ReplicaSets say. */
const ordinaryMilliseconds = 10_000;
/** An abort stops the execution, but not the Lambda that it is waiting for. */
const fenceCheckMilliseconds = 5_000;

/**
 * Watches the operation's slot, writing each condition as it changes, until it is ready or cannot become it. A slot
 * that fails leaves its evidence before anything is removed.
 */
export async function awaitReady(input: WorkflowInput, ports: AwaitReadyPorts, remainingMilliseconds: () => number): Promise<Awaited> {
  const begun = ports.clock.now();
  const step = await beginStep(input, "AwaitReady", ports);
  const filled = filledSlotOf(step);
  const watch = await watchSlots({ cluster: step.cluster, clock: ports.clock }, step.head);
  try {
    return await followSlot(input, { ...step, begun }, filled, watch, ports, remainingMilliseconds);
  } finally {
    watch.stop();
  }
}

/**
 * When traffic may be moved at the earliest: not before the gateway has heard of the new instances, also where the API server
 * was away meanwhile. A step that is begun again may be so because it was, for longer than its watch bears.
 */
function trustedFrom({ head, operation }: Step, begun: number, watch: SlotWatch): number {
  if (servingSlot(head.slots) === null) return begun;
  const isAgain = Date.parse(operation.steps.at(-1)?.started_at ?? "") < begun;
  const from = Math.max(isAgain ? begun + longestBlindMilliseconds : begun, watch.gatewayKnowsFrom());
  return Math.min(from, Date.parse(operation.deadline) - reserveMilliseconds);
}

type SeenSlots = Parameters<typeof recordObservation>[2];

async function followSlot(
  input: WorkflowInput,
  step: Step & { begun: number },
  { slot, record }: FilledSlot,
  watch: SlotWatch,
  ports: AwaitReadyPorts,
  remainingMilliseconds: () => number,
): Promise<Awaited> {
  const { clock } = ports;
  let observed = await ports.record.observed(input.uid);
  let changedAt: number | undefined;
  const begun = clock.now();
  for (let fenceChecked = begun; ; ) {
    const facts = watch.facts(slot, record);
    const { condition, verdict, observed: seen } = judgeSlot(facts, record.desired, clock.now());
    const isObscure = condition.status === "False" || clock.now() - begun >= ordinaryMilliseconds;
    if (verdict !== "ready" && isObscure && (await watch.explain())) continue;
    const all = { ...otherSlots(step.head, slot, watch, clock.now()), [slot]: seen };
    changedAt = hasChanged(step.head, observed, all, clock.now()) ? (changedAt ?? clock.now()) : undefined;
    const mayPass = verdict === "progressing" && changedAt !== undefined && clock.now() - changedAt < shortestStageMilliseconds;
    if (changedAt !== undefined && !mayPass) {
      observed = await saveWhenChanged(step.head, observed, all, ports);
      changedAt = undefined;
    }
    if (verdict === "ready" && clock.now() >= trustedFrom(step, step.begun, watch)) {
      await pin(step, pullableDigests(facts), ports);
      return { ready: true, digests: digestsIn(facts) };
    }
    if (verdict === "failed" || clock.now() >= Date.parse(step.operation.deadline)) {
      if (await watch.explain()) continue;
      const told = await keepEvidence(input, step, { facts, desired: record.desired, slots: all, observed }, ports);
      throw verdict === "failed" ? slotFailed(step, told) : deadlineOver(step, told);
    }
    if (remainingMilliseconds() < reserveMilliseconds) return { ready: false };
    if (clock.now() - fenceChecked >= fenceCheckMilliseconds) {
      await newest(input, ports.record);
      fenceChecked = clock.now();
    }
    await watch.changed(mayPass ? shortestStageMilliseconds : longestWaitMilliseconds);
  }
}

interface SeenSlot {
  facts: SlotFacts;
  desired: SlotRecord["desired"];
  slots: SeenSlots;
  observed: Observed | undefined;
}

/** While there is still somebody to ask. Gives the condition as it is once the logs are known. */
async function keepEvidence(
  input: WorkflowInput,
  { cluster, head, operation }: Step,
  { facts, desired, slots, observed }: SeenSlot,
  ports: AwaitReadyPorts,
): Promise<Condition> {
  const logs = await logsOf(cluster, head.place.namespace, facts);
  const { condition, observed: seen } = judgeSlot(withLastWords(facts, logs), desired, ports.clock.now());
  await saveWhenChanged(head, observed, { ...slots, [facts.slot]: seen }, ports);
  const conditions = await conditionsSince(operation.started_at, input.uid, ports);
  await ports.record.saveEvidence(input, await evidenceOfFailure(ports.evidence, input, { facts, logs, conditions }));
  return condition;
}

/** Nobody else looks meanwhile: what serves, and what is kept warm, is not to be taken for well because its neighbour is followed. */
function otherSlots({ slots }: Head, own: SlotName, watch: SlotWatch, now: number): SeenSlots {
  const others = slotNames.flatMap((slot) => {
    const record = slot === own ? null : slots[slot];
    return record ? [[slot, judgeSlot(watch.facts(slot, record), record.desired, now).observed] as const] : [];
  });
  return Object.fromEntries(others);
}

async function pin({ head, operation }: Step, digests: NonNullable<Revision["digests"]>, { record }: AwaitReadyPorts): Promise<void> {
  if (Object.keys(digests).length > 0) await record.pinDigests(head.uid, operation.revision, digests);
}

const conditionsKept = 30;

async function conditionsSince(began: string, uid: string, { record }: AwaitReadyPorts): Promise<Condition[]> {
  const { items } = await record.transitions(uid, { limit: conditionsKept });
  return items.filter(({ at }) => at >= began);
}

const hasChanged = (head: Head, before: Observed | undefined, seen: SeenSlots, now: number): boolean =>
  worthSaving(before, recordObservation(head, before, seen, now), refreshSeconds);

const attempts = 5;

/** Sync may have written a moment ago what it had seen before this step began: then that is what comes before. */
async function saveWhenChanged(
  head: Head,
  before: Observed | undefined,
  seen: SeenSlots,
  { record, clock }: AwaitReadyPorts,
): Promise<Observed> {
  for (let attempt = 1; ; attempt++) {
    const after = recordObservation(head, before, seen, clock.now());
    if (before && !worthSaving(before, after, refreshSeconds)) return before;
    try {
      await record.saveObserved(head.uid, after, before);
      return after;
    } catch (error) {
      if (!(error instanceof RecordConflict) || attempt === attempts) throw error;
      before = await record.observed(head.uid);
    }
  }
}

/** Reasons that may mean: there is no room for a second copy. */
const noRoom = ["Unschedulable", "FailedCreate"];

function slotFailed({ head }: Step, { type, reason, message }: Condition): WorkflowError {
  const isBeside = servingSlot(head.slots) !== null && type === "SCHEDULED" && noRoom.includes(reason);
  const way = 'Free room for a second copy, or update with "rollout": {"strategy": "recreate"}, which stops the old revision first';
  return new WorkflowError("SlotFailed", reason, isBeside ? `${message}. ${way}` : message);
}

function deadlineOver({ operation }: Step, condition: Condition): WorkflowError {
  const message = `not ready by the deadline ${operation.deadline}: ${condition.type} ${condition.status} (${condition.reason}): ${condition.message}`;
  return new WorkflowError("DeadlineExceeded", "DeadlineExceeded", message);
}
