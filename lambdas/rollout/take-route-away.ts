import type { Head } from "../../domain/deployment.ts";
import { type RouteState, routeBackends, routeHeaderValue } from "../../domain/manifests/route.ts";
import { servingSlot, withdrawTraffic } from "../../domain/traffic.ts";
import { slotNames } from "../../domain/words.ts";
import type { WorkflowInput } from "../ports/workflows.ts";
import { beginCleaningStep, type CleaningStep } from "./clean-up-step.ts";
import { awaitServed, awaitWithdrawn } from "./gateway-probe.ts";
import { pointRoute, readRoute, usedBy } from "./route.ts";
import { isWhole } from "./slot-capacity.ts";
import type { StepPorts } from "./step.ts";

export interface RouteTakenAway {
  drain_seconds: number;
}

/** Ends all traffic: the route stays, and the gateway says plainly that nothing serves. Claims the route on the way. */
export async function takeRouteAway(input: WorkflowInput, ports: StepPorts): Promise<RouteTakenAway> {
  const step = await beginCleaningStep(input, "TakeRouteAway", ports);
  if (!step.operation) return settleRoute(step, ports);
  const route = await readRoute(step.cluster, step.head);
  if (route) await withdraw(step, ports);
  const change = withdrawTraffic(step.head.slots);
  if (Object.keys(change).length > 0) await ports.record.saveSlots(input, change);
  return { drain_seconds: await drainSeconds(step.head, ports) };
}

async function withdraw({ cluster, head }: CleaningStep, { clock }: StepPorts): Promise<void> {
  const state: RouteState = { epoch: head.epoch, revision: null, backends: [] };
  await pointRoute(cluster, head, state);
  await awaitWithdrawn({ cluster, clock }, head, routeHeaderValue(state));
}

/** After an aborted operation: the route is to say what the record says. Traffic goes to a slot only when it is whole. */
async function settleRoute(step: CleaningStep, ports: StepPorts): Promise<RouteTakenAway> {
  const { cluster, head } = step;
  const serving = servingSlot(head.slots);
  const record = serving && head.slots[serving];
  const route = await readRoute(cluster, head);
  if (!route) return { drain_seconds: 0 };
  if (!record) {
    const served = usedBy(route).length > 0;
    await withdraw(step, ports);
    return { drain_seconds: served ? await drainSeconds(head, ports) : 0 };
  }
  if (await isWhole(cluster, head, record)) {
    const state: RouteState = { epoch: head.epoch, revision: record.revision, backends: routeBackends(head) };
    await pointRoute(cluster, head, state);
    await awaitServed({ cluster, clock: ports.clock }, head, routeHeaderValue(state));
  }
  return { drain_seconds: 0 };
}

/** As long as the revision that served was promised; nothing to wait for when nothing did. */
async function drainSeconds({ uid, slots, revisions }: Head, { record }: StepPorts): Promise<number> {
  const served = slotNames.some((slot) => slots[slot] && slots[slot].role !== "preview");
  if (!served) return 0;
  const revision = await record.revision(uid, revisions.running ?? revisions.wanted);
  return revision?.specification.rollout.drain_seconds ?? 0;
}
