import { WorkflowError } from "../../domain/errors.ts";
import { servicePort, workloadName } from "../../domain/names.ts";
import { subject } from "../../domain/slot-condition.ts";
import type { Component } from "../../domain/words.ts";
import type { ProxyTarget } from "../ports/cluster.ts";
import type { Step } from "../rollout/step.ts";

/** The Service of a component in the slot that the operation fills. */
export function serviceOf({ head, operation }: Pick<Step, "head" | "operation">, component: Component): ProxyTarget {
  const service = workloadName(head, component, operation.revision, head.epoch);
  return { namespace: head.place.namespace, service, port: servicePort };
}

/** A test that failed, told as every other cause is: whose fault it is comes first. */
export function smokeTestFailed({ operation }: Pick<Step, "operation">, component: Component, message: string): WorkflowError {
  const whose = operation.slot ? `${subject({ revision: operation.revision, slot: operation.slot }, component)}: ` : "";
  return new WorkflowError("SmokeTestFailed", "SmokeTestFailed", `${whose}${message}`);
}
