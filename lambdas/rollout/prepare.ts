import { isDeepStrictEqual } from "node:util";
import type { Revision } from "../../domain/revision.ts";
import { servingSlot, slotsInTheWay } from "../../domain/traffic.ts";
import { components, slotNames } from "../../domain/words.ts";
import type { WorkflowInput } from "../ports/workflows.ts";
import { makeNamespace } from "./group-namespace.ts";
import { planOf } from "./plan.ts";
import { removeUnused } from "./retire-slot.ts";
import { claimUnlessSettled } from "./route.ts";
import { holdSize } from "./scaling.ts";
import { beginFirstStep, fenceOf, revisionOf, type Step, type StepPorts } from "./step.ts";

/** What chooses the way through the state machine. */
export interface Prepared {
  /** What runs has to leave before its successor may start. */
  recreate_first: boolean;
  /** A person has the first word on the only move of the traffic. */
  promote_first: boolean;
}

/**
 * Makes the group's namespace when it is the first there, and claims the route where an older executor may still write to it.
 * What serves keeps its size until the operation is over, and the new slot is to be as large.
 */
export async function prepare(input: WorkflowInput, ports: StepPorts): Promise<Prepared> {
  const step = await beginFirstStep(input, "Prepare", ports);
  const revision = await revisionOf(step, ports.record);
  // What serves, or is kept warm, has its namespace.
  if (!hasOthers(step)) await makeNamespace(step.cluster, step.head);
  const route = await claimUnlessSettled(step.cluster, step.head);
  if (step.operation.evicts) await removeUnused(step, route, ports);
  const ways = prepared(step, revision);
  if (!ways.recreate_first) await matchSize(input, step, revision, ports);
  return ways;
}

/** A revision that was asked to be smaller than what serves shrinks when it has proved itself, by its own autoscaler. */
async function matchSize(input: WorkflowInput, { cluster, head, operation }: Step, { specification }: Revision, ports: StepPorts) {
  const filling = operation.slot;
  const serving = servingSlot(head.slots);
  const [own, old] = [filling && head.slots[filling], serving && head.slots[serving]];
  if (!filling || !own || !old || filling === serving) return;
  const desired = { ...own.desired };
  for (const component of components) {
    const size = await holdSize(cluster, head, old, component);
    const scaling = specification[component]?.scaling_config;
    if (size !== undefined && scaling) desired[component] = Math.max(scaling.min_replicas, Math.min(size, scaling.max_replicas));
  }
  if (isDeepStrictEqual(desired, own.desired)) return;
  await ports.record.saveSlots(fenceOf(input, { operation }), { [filling]: { ...own, desired } });
}

/** Whether anything of the deployment is in the cluster besides what is to come. */
const hasOthers = ({ head: { slots }, operation }: Step): boolean => slotNames.some((slot) => slot !== operation.slot && slots[slot]);

function prepared({ head, operation }: Step, revision: Revision): Prepared {
  const inTheWay = operation.slot ? slotsInTheWay(head.slots, operation.slot).length > 0 : false;
  const { steps, by_hand } = planOf({ head, operation }, revision);
  return {
    recreate_first: revision.specification.rollout.strategy === "recreate" && inTheWay,
    promote_first: by_hand && steps.length === 1,
  };
}
