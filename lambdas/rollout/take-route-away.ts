import type { SlotRecord } from "../../domain/deployment.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { claimOf, entryName, type RouteState, routeHeaderValue, routeState, saysAsRecorded } from "../../domain/manifests/route.ts";
import { servingSlot, withdrawTraffic } from "../../domain/traffic.ts";
import { components } from "../../domain/words.ts";
import type { StepFence } from "../ports/record.ts";
import type { WorkflowInput } from "../ports/workflows.ts";
import { beginCleaningStep, type CleaningStep } from "./clean-up-step.ts";
import { awaitServed, awaitWithdrawn, settle } from "./gateway-probe.ts";
import { claim, isOfSuccess, pointRoute, readRoute, usedBy } from "./route.ts";
import { holdAt } from "./scaling.ts";
import { canAnswer, isWhole } from "./slot-capacity.ts";
import { growForTraffic, mayTakeBack } from "./slot-growth.ts";
import { fenceOf, type StepPorts } from "./step.ts";

const wholeMilliseconds = 60_000;

/**
 * Ends all traffic: the route stays, and the gateway says plainly that nothing serves. Claims the route on the way.
 * Requests under way finish while the instances that hold them leave (`preStop`).
 */
export async function takeRouteAway(input: WorkflowInput, ports: StepPorts): Promise<Record<string, never>> {
  const step = await beginCleaningStep(input, "TakeRouteAway", ports);
  const { operation } = step;
  if (operation) await endTraffic(fenceOf(input, { operation }), step, ports);
  else await settleRoute(step, ports);
  return {};
}

async function endTraffic(fence: StepFence, step: CleaningStep, ports: StepPorts): Promise<void> {
  const route = await readRoute(step.cluster, step.head);
  if (route) await withdraw(step, ports);
  const change = withdrawTraffic(step.head.slots);
  if (Object.keys(change).length > 0) await ports.record.saveSlots(fence, change);
}

async function withdraw({ cluster, head }: CleaningStep, { clock, record }: StepPorts): Promise<void> {
  const state: RouteState = { ...claimOf(head), revision: null, backends: [] };
  await pointRoute(cluster, head, state, record);
  await awaitWithdrawn({ cluster, clock }, head, routeHeaderValue(state));
}

/** What it is taken from serves as long as what it is given to is not whole; where nothing serves, any instance is better. */
async function mayServe(step: CleaningStep, record: SlotRecord, route: KubernetesObject, ports: StepPorts): Promise<boolean> {
  const { cluster, head } = step;
  const used = usedBy(route);
  if (used.join() === entryName(head, record)) return isWhole(cluster, head, record);
  return (await grow(step, record, route, ports)) || (used.length === 0 && (await canAnswer(cluster, head, record)));
}

/** What had the traffic may have shrunk meanwhile, because nobody asked anything of it, while what has it now has grown. */
async function grow({ cluster, head }: CleaningStep, record: SlotRecord, route: KubernetesObject, ports: StepPorts): Promise<boolean> {
  for (const component of components) {
    const size = record.desired[component];
    if (size !== null) await holdAt(cluster, head, record, component, size);
  }
  const grown = await growForTraffic({ cluster, head }, route, record, 100);
  return mayTakeBack({ cluster, head }, record, grown, ports, wholeMilliseconds);
}

/** After an aborted operation: the route is to say what the record says. Traffic goes to a slot only when it is whole. */
async function settleRoute(step: CleaningStep, ports: StepPorts): Promise<void> {
  const { cluster, head } = step;
  const serving = servingSlot(head.slots);
  const record = serving && head.slots[serving];
  const route = await readRoute(cluster, head);
  if (!route) return;
  if (!record) return withdraw(step, ports);
  // As the operation has left it.
  if (isOfSuccess(route, head) && saysAsRecorded(route, head)) return;
  if (await mayServe(step, record, route, ports)) {
    const state = routeState(head, serving);
    const written = await pointRoute(cluster, head, state, ports.record, route);
    await awaitServed({ cluster, clock: ports.clock }, head, routeHeaderValue(state), written);
    return;
  }
  // Before anything is removed: no write of an older executor that is still under way may come any more.
  await claim(cluster, head);
  await settle(ports.clock, head);
}
