import { WorkflowError } from "../../domain/errors.ts";
import type { Judgement } from "../../domain/evidence.ts";
import { isShort, judge, restartsOf } from "../../domain/judgement.ts";
import type { ObservedSlot } from "../../domain/observed.ts";
import type { ActiveOperation } from "../../domain/operation.ts";
import type { Revision } from "../../domain/revision.ts";
import { type Bake, bakeAt, bakeStep, isPromoted } from "../../domain/rollout-plan.ts";

import { judgeSlot, subject } from "../../domain/slot-condition.ts";
import { figuresBetween, type SlotReading } from "../../domain/slot-figures.ts";
import { otherSlot } from "../../domain/traffic.ts";
import type { Alarms } from "../ports/alarms.ts";
import type { MaskSecrets } from "../ports/masking.ts";
import type { SlotMetrics } from "../ports/slot-metrics.ts";
import type { WorkflowInput } from "../ports/workflows.ts";
import { repeatSmokeTests } from "../smoke-test/send-smoke-tests.ts";
import { type FilledSlot, filledSlotOf } from "./filled-slot.ts";
import { planOf } from "./plan.ts";
import { keptWarmSeconds } from "./shift-traffic.ts";
import { type SlotWatch, watchSlots } from "./slot-watch.ts";
import { beginStep, overtaken, requireTime, revisionOf, type Step, type StepPorts } from "./step.ts";

export type BakePorts = StepPorts & { metrics: SlotMetrics; alarms: Alarms; maskSecrets: MaskSecrets };

export interface Baked {
  /** false: this Lambda's time is nearly over, and the state machine is asked to come again. */
  baked: boolean;
  /** Another move follows. */
  more: boolean;
  /** All is moved, and nothing is to be kept warm of what served before. */
  retire: boolean;
}

/** How often what can be asked for is asked for, in milliseconds. Instances are watched: what happens to them is seen at once. */
const rhythm = { look: 2_000, figures: 5_000, alarms: 15_000, smokeTests: 30_000 } as const;
/** For what is under way when the Lambda's time is nearly over. */
const reserveMilliseconds = 60_000;

/**
 * Judges what has a part of the traffic until its time is over, and then until somebody says "go on" where that is
 * asked for. Somebody who says so earlier ends it at once. `BakeFailed` with the fault as soon as there is one.
 */
export async function bake(input: WorkflowInput, ports: BakePorts, remainingMilliseconds: () => number): Promise<Baked> {
  const step = await beginStep(input, bakeStep, ports);
  const revision = await revisionOf(step, ports.record);
  const filled = filledSlotOf(step);
  const planned = bakeAt(planOf(step, revision), filled.record.weight);
  if (!planned) throw new Error(`the plan of operation ${step.operation.id} knows no weight of ${filled.record.weight} %`);
  const retire = !planned.more && step.head.slots[otherSlot(filled.slot)] !== null && keptWarmSeconds(step, revision) === 0;
  const watch = await watchSlots({ cluster: step.cluster, clock: ports.clock }, step.head);
  try {
    const baked = await follow(input, { step, revision, filled, planned, watch }, ports, remainingMilliseconds);
    return { baked, more: planned.more, retire };
  } finally {
    watch.stop();
  }
}

interface Baking {
  step: Step;
  revision: Revision;
  filled: FilledSlot;
  planned: Bake;
  watch: SlotWatch;
}

async function follow(input: WorkflowInput, baking: Baking, ports: BakePorts, remainingMilliseconds: () => number): Promise<boolean> {
  const { clock } = ports;
  const judging = newJudging(baking, ports, remainingMilliseconds);
  for (;;) {
    const judgement = await judging.next();
    if (!judgement.passed) return taken(input, baking, judgement, ports);
    const operation = await stillOurs(input, ports);
    if (isOver(baking.planned, operation, clock.now())) {
      // What came since figures were last asked for is judged too, but not against a person's word.
      return taken(input, baking, isPromoted(operation) ? judgement : await judging.last(), ports);
    }
    requireTime(operation, clock, waitingFor(baking.planned));
    if (remainingMilliseconds() < reserveMilliseconds) return false;
    await baking.watch.changed(rhythm.look);
  }
}

/** Keeps what was judged last. `BakeFailed` where it is a fault. */
async function taken(input: WorkflowInput, baking: Baking, judgement: Judgement, ports: BakePorts): Promise<true> {
  await keep(input, judgement, ports);
  if (!judgement.passed) throw failed(baking, judgement);
  return true;
}

/** Each look takes up what is due: all of it at the first, then by its rhythm, and figures once more at the last. */
function newJudging({ step, revision, filled, watch }: Baking, ports: BakePorts, remainingMilliseconds: () => number) {
  const { clock, metrics, alarms } = ports;
  const { auto_rollback: policy } = revision.specification.rollout;
  const hasTraffic = filled.record.weight > 0;
  const names = policy?.alarms ?? [];
  const figures = everyNow(rhythm.figures, clock, async () => (hasTraffic && policy ? metrics.read(step.head, filled.record) : undefined));
  const raised = everyNow(rhythm.alarms, clock, async () => withMissing(names, names.length > 0 ? await alarms.states(names) : {}));
  const smokeTests = meanwhile(everyNow(rhythm.smokeTests, clock, () => repeatSmokeTests(step, revision, ports, remainingMilliseconds)));
  let first: { seen: ObservedSlot; reading: SlotReading | undefined } | undefined;
  let shortSince: number | null = null;
  const look = async (isLast: boolean): Promise<Judgement> => {
    const seen = judgeSlot(watch.facts(filled.slot, filled.record), filled.record.desired, clock.now()).observed;
    const reading = await figures(isLast);
    first ??= { seen, reading };
    shortSince = isShort(filled.record, seen) ? (shortSince ?? clock.now()) : null;
    return judge(
      {
        record: filled.record,
        seen,
        restarts_before: restartsOf(first.seen),
        short_since: shortSince,
        figures: reading && figuresBetween(first.reading ?? {}, reading),
        alarms: await raised(),
        smoke_test_failure: await smokeTests(),
      },
      policy,
      clock.now(),
    );
  };
  return { next: () => look(false), last: () => look(true) };
}

/** Asks anew when the last answer is old enough, or where it is to be new. */
function everyNow<T>(milliseconds: number, clock: BakePorts["clock"], ask: () => Promise<T>): (anew?: boolean) => Promise<T> {
  let last: { at: number; answer: T } | undefined;
  return async (anew = false) => {
    if (!last || anew || clock.now() - last.at >= milliseconds) last = { at: clock.now(), answer: await ask() };
    return last.answer;
  };
}

/** The last answer, without waiting for the next: a slow server must not keep us from seeing that it was restarted. */
function meanwhile<T>(ask: () => Promise<T>): () => Promise<T | undefined> {
  const state: { asking: boolean; last?: T; fault?: unknown } = { asking: false };
  const askOnce = async () => {
    state.asking = true;
    try {
      state.last = await ask();
    } catch (error) {
      state.fault = error;
    }
    state.asking = false;
  };
  return async () => {
    if (state.fault !== undefined) throw state.fault;
    if (!state.asking) void askOnce();
    return state.last;
  };
}

type States = Awaited<ReturnType<Alarms["states"]>>;
const withMissing = (names: string[], states: States): Record<string, States[string] | null> =>
  Object.fromEntries(names.map((name) => [name, states[name] ?? null]));

/** An abort stops the execution, but not the Lambda that it is waiting for; and somebody may have said "go on". */
async function stillOurs(input: WorkflowInput, { record }: BakePorts): Promise<ActiveOperation> {
  const head = await record.head(input.uid);
  const operation = head?.active_operation;
  if (!operation || head.epoch !== input.epoch || operation.id !== input.operation_id) throw overtaken(input);
  return operation;
}

function isOver({ seconds, by_hand }: Bake, operation: ActiveOperation, now: number): boolean {
  if (isPromoted(operation)) return true;
  const begun = Date.parse(operation.steps.at(-1)?.started_at ?? operation.started_at);
  return !by_hand && now - begun >= seconds * 1000;
}

const waitingFor = ({ by_hand, seconds }: Bake): string =>
  by_hand ? "nobody has promoted the revision" : `it was to be judged for ${seconds} s`;

/** The newest of each bake: what came before it of the same weight is replaced. */
async function keep(input: WorkflowInput, judgement: Judgement, { record }: BakePorts): Promise<void> {
  const kept = (await record.operation(input.operation_id))?.evidence?.judgements ?? [];
  const others = kept.filter(({ weight }) => weight !== judgement.weight);
  await record.saveEvidence(input, { judgements: [...others, judgement] });
}

function failed({ filled, revision }: Baking, { reason, message, weight }: Judgement): WorkflowError {
  const both = revision.specification.transformer !== null;
  const whose = subject({ revision: revision.revision, slot: filled.slot }, both ? undefined : "predictor");
  return new WorkflowError("BakeFailed", reason ?? "BakeFailed", `${whose}, with ${weight} % of the traffic: ${message}`);
}
