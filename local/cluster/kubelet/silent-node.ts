import type { Registry } from "../api/registry.ts";
import { EventRecorder, type EventSource } from "../events/recorder.ts";
import type { Resource } from "../objects/resource.ts";
import type { Node, Pod } from "../objects/workloads.ts";

/**
 * `kubectl annotate node local-2 slipway.dev/kubelet=stopped` stands for a kubelet that was stopped, or cut off: what runs
 * there goes on running, nothing is heard of it, and nothing is begun or ended there until the annotation is taken off.
 */
const annotation = "slipway.dev/kubelet";

export const isSilentNode = (node: Node | undefined): boolean => node?.metadata.annotations?.[annotation] === "stopped";

export const isOnSilentNode = (registry: Registry, { spec }: Pod): boolean =>
  spec.nodeName !== undefined && isSilentNode(registry.find<Node>("Node", undefined, spec.nodeName));

/** Events of the kubelet, which a node that is silent does not tell. */
export class NodeEvents {
  readonly #registry: Registry;
  readonly #recorder: EventRecorder;

  constructor(registry: Registry, source: EventSource) {
    this.#registry = registry;
    this.#recorder = new EventRecorder(registry, source);
  }

  normal(about: Pod, reason: string, message: string, container?: string): void {
    if (this.#isHeard(about)) this.#recorder.normal(about, reason, message, container);
  }

  warning(about: Pod, reason: string, message: string, container?: string): void {
    if (this.#isHeard(about)) this.#recorder.warning(about, reason, message, container);
  }

  #isHeard(about: Resource): boolean {
    return !isOnSilentNode(this.#registry, about as Pod);
  }
}
