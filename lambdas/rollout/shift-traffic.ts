import type { ActiveOperation, SlotRecord } from "../../domain/deployment.ts";
import { WorkflowError } from "../../domain/errors.ts";
import { entryName, type RouteState, routeHeaderValue } from "../../domain/manifests/route.ts";
import { otherSlot, shiftTraffic as shifted } from "../../domain/traffic.ts";
import type { SlotName } from "../../domain/words.ts";
import type { WorkflowInput } from "../ports/workflows.ts";
import { awaitServed } from "./gateway-probe.ts";
import { relax } from "./relax-scaling.ts";
import { pointRoute, readRoute, usedBy } from "./route.ts";
import { isWhole } from "./slot-capacity.ts";
import { beginStep, overtaken, revisionOf, type Step, type StepPorts } from "./step.ts";

export interface ShiftTrafficInput extends WorkflowInput {
  /** Give the traffic back to the slot that had it when the operation began. */
  back?: boolean;
}

export interface Shifted {
  /** The other slot holds something that serves no more. */
  retire: boolean;
}

/**
 * Moves all traffic to the operation's slot by one write to the route. The record says so only when the gateway itself
 * has answered from there: until then whoever reads it, and whoever cleans up, holds on to the slot that served before.
 */
export async function shiftTraffic(input: ShiftTrafficInput, ports: StepPorts): Promise<Shifted> {
  if (input.back) return shiftTrafficBack(input, ports);
  const step = await beginStep(input, "ShiftTraffic", ports);
  const slot = filledSlot(step.operation);
  const revision = await revisionOf(step, ports.record);
  await serveFrom(step, slot, ports);
  await relax(step, revision);
  await ports.record.saveSlots(input, shifted(step.head.slots, slot));
  return { retire: step.head.slots[otherSlot(slot)] !== null };
}

function filledSlot({ id, kind, slot }: ActiveOperation): SlotName {
  if (!slot) throw new Error(`operation ${id} (${kind}) fills no slot`);
  return slot;
}

/** No step of the operation's when nothing served before: there is nothing to give back. */
async function shiftTrafficBack(input: WorkflowInput, ports: StepPorts): Promise<Shifted> {
  const head = await ports.record.head(input.uid);
  const operation = head?.active_operation;
  if (!operation || head.epoch !== input.epoch || operation.id !== input.operation_id) throw overtaken(input);
  const slot = filledSlot(operation);
  const former = head.slots[otherSlot(slot)];
  const hadTraffic = former !== null && former.revision === head.revisions.running;
  if (hadTraffic) await giveBack(input, await beginStep(input, "ShiftTrafficBack", ports), slot, former, ports);
  return { retire: false };
}

/** The record is changed last here too. What could not carry the traffic any more is not given it. */
async function giveBack(input: WorkflowInput, step: Step, slot: SlotName, record: SlotRecord, ports: StepPorts): Promise<void> {
  const former = otherSlot(slot);
  const route = await readRoute(step.cluster, step.head);
  const hasIt = usedBy(route).join() === entryName(step.head, record);
  if (!hasIt) {
    if (!(await isWhole(step.cluster, step.head, record))) return;
    await serveFrom(step, former, ports);
  }
  const own = step.head.slots[slot];
  if (record.weight > 0 && !own?.weight) return;
  await ports.record.saveSlots(input, {
    [former]: { ...record, role: "active", weight: 100 },
    ...(own && { [slot]: { ...own, role: "preview", weight: 0 } }),
  });
}

async function serveFrom({ cluster, head }: Step, slot: SlotName, { clock }: StepPorts): Promise<void> {
  const record = head.slots[slot];
  if (!record) throw new WorkflowError("RouteNotAccepted", "EmptySlot", `traffic cannot move to slot ${slot}: it is empty`);
  const state = stateFor(head, record);
  await pointRoute(cluster, head, state);
  await awaitServed({ cluster, clock }, head, routeHeaderValue(state));
}

const stateFor = (head: Step["head"], record: SlotRecord): RouteState => ({
  epoch: head.epoch,
  revision: record.revision,
  backends: [{ name: entryName(head, record), weight: 100 }],
});
