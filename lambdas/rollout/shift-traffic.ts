import type { Head, SlotRecord } from "../../domain/deployment.ts";
import { WorkflowError } from "../../domain/errors.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { routeHeaderValue, routeState, saysAsRecorded } from "../../domain/manifests/route.ts";
import type { Revision } from "../../domain/revision.ts";
import { bakeAt, isBaking } from "../../domain/rollout-plan.ts";
import { formerSlot, otherSlot, restoreTraffic, shiftTraffic as shifted } from "../../domain/traffic.ts";
import type { SlotName } from "../../domain/words.ts";
import type { WorkflowInput } from "../ports/workflows.ts";
import { filledSlotOf } from "./filled-slot.ts";
import { awaitServed, settle } from "./gateway-probe.ts";
import { planOf } from "./plan.ts";
import { claim, isClaimedBy, pointRoute, readRoute, registersTargets } from "./route.ts";
import { isNeverHeld, relaxScale } from "./scaling.ts";
import { awaitWhole } from "./slot-capacity.ts";
import { growForTraffic, mayGrow, mayTakeBack } from "./slot-growth.ts";
import { introduce } from "./standby.ts";
import { beginStep, fenceOf, newest, revisionOf, type Step, type StepPorts } from "./step.ts";

export interface ShiftTrafficInput extends WorkflowInput {
  /** Which of the plan's moves this is. */
  traffic_step?: number;
  /** Give the traffic back to the slot that had it when the operation began. */
  back?: boolean;
}

export interface Shifted {
  /** What has the traffic now is to be judged before anything else. */
  bake: boolean;
  /** Another move follows. */
  more: boolean;
  /** All is moved, and nothing is to be kept warm of what served before. */
  retire: boolean;
}

export interface ShiftedBack {
  /** The operation's slot had traffic, and has none any more. */
  restored: boolean;
}

/** A slot that has just been seen whole may lose an instance for a moment; a longer one is a failure. */
const wholeMilliseconds = 60_000;
/** For instances that have to be started first. */
const growthMilliseconds = 150_000;

/**
 * Moves the traffic by one write to the route, by as much as the plan says. The record says so only when the gateway
 * itself has answered from there: until then whoever reads it, and whoever cleans up, holds on to what served before.
 */
export async function shiftTraffic(input: ShiftTrafficInput, ports: StepPorts): Promise<Shifted | ShiftedBack> {
  if (input.back) return shiftTrafficBack(input, ports);
  const step = await beginStep(input, "ShiftTraffic", ports);
  const { slot } = filledSlotOf(step);
  const revision = await revisionOf(step, ports.record);
  const plan = planOf(step, revision);
  const move = plan.steps[input.traffic_step ?? 0];
  if (!move) throw new Error(`the plan of operation ${step.operation.id} has no move ${input.traffic_step}`);
  const route = await readRoute(step.cluster, step.head);
  const own = await requireWhole(step, route, move.weight, revision, ports);
  const slots = { ...step.head.slots, ...shifted({ ...step.head.slots, [slot]: own }, slot, move.weight) };
  await serve(step, { ...step.head, slots }, slot, route, ports);
  await ports.record.saveSlots(fenceOf(input, step), slots, {
    step: step.operation.steps.length - 1,
    detail: detailOf(move.weight, revision),
  });
  return next(step, revision, slots, move.weight);
}

async function next(step: Step, revision: Revision, slots: Head["slots"], weight: number): Promise<Shifted> {
  const bake = bakeAt(planOf(step, revision), weight);
  const more = bake?.more ?? false;
  const { slot } = filledSlotOf(step);
  const former = slots[otherSlot(slot)];
  const own = slots[slot] as SlotRecord;
  if (!former && !more && !isNeverHeld(step.head, own, revision)) await relaxScale(step.cluster, step.head, own, revision);
  return { bake: bake !== undefined && isBaking(bake), more, retire: !more && former !== null && keptWarmSeconds(step, revision) === 0 };
}

/** What is rolled back is not kept: nobody goes back to it in a hurry. */
export function keptWarmSeconds({ operation }: Pick<Step, "operation">, { specification }: Revision): number {
  return operation.kind === "ROLLBACK" ? 0 : specification.rollout.warm_seconds;
}

const detailOf = (weight: number, { revision }: Revision): string => `${weight} % of the traffic goes to revision ${revision}`;

/** No step of the operation's when nothing served before and no move was tried: there is nothing to give back, and nothing to wait for. */
async function shiftTrafficBack(input: WorkflowInput, ports: StepPorts): Promise<ShiftedBack> {
  const { head, operation } = await newest(input, ports.record);
  const isGivenBack = formerSlot(head, operation.slot) !== null;
  if (!isGivenBack && !hasTried(operation)) {
    // The move of an operation that was aborted for this one may not be everywhere yet.
    await settle(ports.clock, head);
    return { restored: false };
  }
  const step = await beginStep(input, "ShiftTrafficBack", ports);
  if (isGivenBack) return giveBack(input, step, ports);
  await endMoves(step, ports);
  return { restored: false };
}

/**
 * What is removed next must have lost its traffic: no move that has failed comes to the route any more, and what the last
 * one took traffic from gets none from any replica of the gateway.
 */
async function endMoves({ cluster, head }: Step, { clock }: StepPorts): Promise<void> {
  await claim(cluster, head);
  await settle(clock, head);
}

/** A move that nobody answered may still be on its way, or not yet be everywhere: the route is written anew, and waited for. */
const hasTried = ({ steps }: Step["operation"]): boolean => steps.some(({ name }) => name === "ShiftTraffic");

/** The record is changed last here too. What could not carry the traffic any more is not given it. */
async function giveBack(input: WorkflowInput, step: Step, ports: StepPorts): Promise<ShiftedBack> {
  const { cluster, head, operation } = step;
  const former = formerSlot(head, operation.slot) as SlotName;
  const slots = { ...head.slots, ...restoreTraffic(head, operation.slot) };
  const restored = { ...head, slots };
  const hadTraffic = (operation.slot && head.slots[operation.slot]?.weight) || 0;
  const route = await readRoute(cluster, head);
  // Where it should be by another executor's write, which may not be everywhere either.
  const isJustWritten = route !== undefined && isClaimedBy(route, head);
  if (hasTried(operation) || isJustWritten || !saysAsRecorded(route, restored)) {
    const record = slots[former] as SlotRecord;
    const grown = await growForTraffic(step, route, record, 100);
    if (!(await mayTakeBack(step, record, grown, ports, wholeMilliseconds))) {
      await endMoves(step, ports);
      return { restored: false };
    }
    await serve(step, restored, former, route, ports);
  } else {
    await settle(ports.clock, head);
  }
  const detail = `all traffic goes to revision ${slots[former]?.revision} again`;
  await ports.record.saveSlots(fenceOf(input, step), slots, { step: operation.steps.length - 1, detail });
  return { restored: hadTraffic > 0 };
}

/** Every instance that the slot's share of the traffic needs, of as many callers as there are by now. */
async function requireWhole(
  step: Step,
  route: KubernetesObject | undefined,
  weight: number,
  revision: Revision,
  { clock }: StepPorts,
): Promise<SlotRecord> {
  const { cluster, head } = step;
  const { record } = filledSlotOf(step);
  const grown = mayGrow(revision) ? await growForTraffic(step, route, record, weight) : record;
  if (await awaitWhole({ cluster, clock }, head, grown, grown === record ? wholeMilliseconds : growthMilliseconds)) return grown;
  const missing = grown === record ? "has lost instances" : "did not become as large as the traffic has grown";
  throw new WorkflowError("SlotFailed", "InstancesLost", `revision ${record.revision} ${missing}: the traffic stays where it is`);
}

async function serve(
  { cluster, head: before }: Step,
  head: Head,
  slot: SlotName,
  route: KubernetesObject | undefined,
  { clock, record }: StepPorts,
): Promise<void> {
  await introduce({ cluster, clock, record }, before, head);
  const state = routeState(head, slot);
  const written = await pointRoute(cluster, head, state, record, registersTargets(head) ? undefined : route);
  await awaitServed({ cluster, clock }, head, routeHeaderValue(state), written);
}
