import { servicePort, workloadName } from "../../domain/names.ts";
import type { Component } from "../../domain/words.ts";
import type { ProxyTarget } from "../ports/cluster.ts";
import type { Step } from "../rollout/step.ts";

/** The Service of a component in the slot that the operation fills. */
export function serviceOf({ head, operation }: Pick<Step, "head" | "operation">, component: Component): ProxyTarget {
  const service = workloadName(head, component, operation.revision, head.epoch);
  return { namespace: head.place.namespace, service, port: servicePort };
}
