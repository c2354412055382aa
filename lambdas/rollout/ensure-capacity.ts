import type { SlotRecord } from "../../domain/deployment.ts";
import { WorkflowError } from "../../domain/errors.ts";
import { servingSlot } from "../../domain/traffic.ts";
import { components } from "../../domain/words.ts";
import type { WorkflowInput } from "../ports/workflows.ts";
import { filledSlotOf } from "./filled-slot.ts";
import { claim } from "./route.ts";
import { holdAt, holdSize } from "./scaling.ts";
import { awaitWhole, sizeOf } from "./slot-capacity.ts";
import { beginFirstStep, fenceOf, type Step, type StepPorts } from "./step.ts";

/** For instances that have to be started first. */
const patienceMilliseconds = 240_000;

/**
 * Before traffic goes back to a slot that was kept warm: it must be able to carry what is carried now. It is made as
 * large as what serves, and every instance of it has to be ready.
 */
export async function ensureCapacity(input: WorkflowInput, ports: StepPorts): Promise<Record<string, never>> {
  const step = await beginFirstStep(input, "EnsureCapacity", ports);
  await claim(step.cluster, step.head);
  const { slot, record } = filledSlotOf(step);
  const needed = await growTo(step, record);
  if (needed !== record) await ports.record.saveSlots(fenceOf(input, step), { [slot]: needed });
  const { cluster, head } = step;
  if (await awaitWhole({ cluster, clock: ports.clock }, head, needed, patienceMilliseconds)) return {};
  const message = `revision ${record.revision} (${slot}) is not whole again: traffic stays where it is. Roll back to it by its revision instead, which brings it up anew`;
  throw new WorkflowError("SlotFailed", "CapacityMissing", message);
}

async function growTo({ cluster, head }: Step, record: SlotRecord): Promise<SlotRecord> {
  const serving = servingSlot(head.slots);
  const old = serving && head.slots[serving];
  if (!old || old === record) return record;
  const desired = { ...record.desired };
  for (const component of components) {
    const size = await holdSize(cluster, head, old, component);
    const own = await sizeOf(cluster, head, record, component);
    if (size === undefined || own === undefined) continue;
    // No larger than its own revision allows.
    const least = own < size ? await holdAt(cluster, head, record, component, size) : size;
    desired[component] = Math.max(least, desired[component] ?? 0);
  }
  const isLarger = components.some((component) => desired[component] !== record.desired[component]);
  return isLarger ? { ...record, desired } : record;
}
