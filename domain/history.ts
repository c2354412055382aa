import type { Condition } from "./condition.ts";
import type { Head } from "./deployment.ts";
import type { DeploymentEvent, EventType } from "./deployment-event.ts";
import type { Health, Status } from "./words.ts";

/** Collects the events of one change; their sequence goes on, without a gap, where HEAD's ended. */
export class History {
  readonly events: DeploymentEvent[] = [];
  readonly #head: Head;
  readonly #actor: string;
  readonly #at: string;

  constructor(head: Head, actor: string, at: string) {
    this.#head = head;
    this.#actor = actor;
    this.#at = at;
  }

  get sequence(): number {
    return this.#head.event_sequence + this.events.length;
  }

  /** `after` also says which deployment it speaks of: a consumer of the event sees nothing else. */
  add(type: EventType, message: string, before: Record<string, unknown> | null, after: Record<string, unknown>): void {
    const { group, id, environment } = this.#head;
    this.events.push({
      sequence: this.sequence + 1,
      at: this.#at,
      actor: this.#actor,
      type,
      message,
      before,
      after: { group, deployment_id: id, environment, ...after },
      operation_id: null,
    });
  }

  /** Nothing when the status is the same. `health`: where somebody has looked. */
  addStateChange(from: Status, to: Status, condition: Condition | null, revision: number, health?: Health | null): void {
    if (from === to) return;
    const after = { status: to, revision, condition, ...(health !== undefined && { health }) };
    this.add("Deployment State Changed", `${from} → ${to}`, { status: from }, after);
  }

  /** The events, as those of an operation. */
  of(operationId: string): DeploymentEvent[] {
    return this.events.map((event) => ({ ...event, operation_id: operationId }));
  }
}
