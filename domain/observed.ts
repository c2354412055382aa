import type { Condition } from "./condition.ts";
import type { Kind } from "./kubernetes.ts";
import type { Component, ConditionType, SlotName } from "./words.ts";

/** What was seen in the cluster: the OBSERVED item. One writer at a time: AwaitReady in its step, else sync. */
export interface Observed {
  /** Epoch of the operation whose objects were looked at: an older writer is refused. */
  epoch: number;
  observed_at: string;
  /** Grows by one with each write: who saves says upon which one it was decided. */
  version: number;
  /** The slot that the current condition speaks of. */
  condition: Condition | null;
  /** When the current walk was done with each stage that it has behind it. */
  passed: Partial<Record<ConditionType, string>>;
  /** The newest transitions, newest first. Those before them, `earlier` of them, lie in items of their own. */
  transitions: Condition[];
  earlier: number;
  slots: Record<SlotName, ObservedSlot | null>;
}

export interface ObservedSlot {
  revision: number;
  epoch: number;
  components: Record<Component, ObservedComponent | null>;
  /** The condition that this slot's objects alone give. */
  condition: Condition;
  /** Since when a component that should have instances has none that is ready; null while it has. */
  unready_since?: string | null;
  /** Its instances may be ready: no request gets to them. Absent where nobody has looked at that. */
  unreachable?: boolean;
  /** It has the traffic and answers worse than it should; null when it does not. Absent where nobody has judged that. */
  missed?: MissedObjective | null;
  /** What somebody has changed of its objects. Absent where nothing is known to differ. */
  drift?: Drift[];
  /** What the cluster does not let us look at. Absent where all was seen. */
  unseen?: Unseen[];
}

/** A kind of objects that an API server refuses to tell of, in its own words. */
export interface Unseen {
  kind: Kind;
  message: string;
}

/** Error rate or latency over the limits of the revision's `auto_rollback`. */
export interface MissedObjective {
  reason: "ErrorRateTooHigh" | "LatencyTooHigh";
  /** What was measured, the limit, and what to do. */
  message: string;
  /** When it was judged last, but for what has been said within a minute. */
  at: string;
}

/** A field of an object in the cluster that is not what it was made as. */
export interface Drift {
  /** Kind/name. */
  object: string;
  /** Path in the object; empty: the object as a whole. */
  field: string;
  expected: string;
  found: string;
}

export interface ObservedComponent {
  desired: number;
  ready: number;
  instances: Instance[];
}

/** Quantities as Kubernetes prints them, by the name of the resource. */
export interface Amounts {
  requests: Record<string, string>;
  limits: Record<string, string>;
}

export interface Instance {
  name: string;
  component: Component;
  slot: SlotName;
  revision: number;
  phase: string;
  ready: boolean;
  restarts: number;
  node: string | null;
  started_at: string | null;
  /** Of the component's own container; null when that is not known. */
  resources: Amounts | null;
  last_termination: { reason: string; exit_code: number; signal: number | null; message: string | null; at: string | null } | null;
}
