import { WorkflowError } from "../../domain/errors.ts";
import { servicePort, workloadName } from "../../domain/names.ts";
import { subject } from "../../domain/slot-condition.ts";
import { servingSlot } from "../../domain/traffic.ts";
import type { Component } from "../../domain/words.ts";
import type { ProxyTarget } from "../ports/cluster.ts";
import { type FilledSlot, filledSlotOf } from "../rollout/filled-slot.ts";
import type { Step } from "../rollout/step.ts";

type Tested = Pick<Step, "head" | "operation">;

/** The slot that the operation fills; what serves, where it only tests. */
function testedSlot(step: Tested): FilledSlot {
  const slot = step.operation.kind === "SMOKE_TEST" ? servingSlot(step.head.slots) : step.operation.slot;
  return filledSlotOf({ ...step, operation: { ...step.operation, slot } });
}

/** The Service of a component in the slot that is tested. */
export function serviceOf(step: Tested, component: Component): ProxyTarget {
  const { record } = testedSlot(step);
  const service = workloadName(step.head, component, record.revision, record.epoch);
  return { namespace: step.head.place.namespace, service, port: servicePort };
}

/** A test that failed, told as every other cause is: whose fault it is comes first. */
export function smokeTestFailed(step: Tested, component: Component, message: string): WorkflowError {
  const { slot, record } = testedSlot(step);
  const whose = subject({ revision: record.revision, slot }, component);
  return new WorkflowError("SmokeTestFailed", "SmokeTestFailed", `${whose}: ${message}`);
}
