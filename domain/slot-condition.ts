import type { Condition } from "./condition.ts";
import type { SlotRecord } from "./deployment.ts";
import type { SlotFacts } from "./kubernetes.ts";
import type { ObservedSlot } from "./observed.ts";
import { componentFinding, viewOf } from "./slot-condition/component.ts";
import { type Finding, oneLine, worst } from "./slot-condition/finding.ts";
import { observedComponent } from "./slot-condition/instances.ts";
import { saidOf } from "./slot-words.ts";
import { type Component, components } from "./words.ts";

export interface SlotJudgement {
  /** What the slot's objects alone say; `at` is `now`. READY True: every instance of every component is ready. */
  condition: Condition;
  /** `failed` only when the cause is final (slot-condition/grace.ts): nobody needs to wait for the deadline. */
  verdict: "progressing" | "ready" | "failed";
  observed: ObservedSlot;
}

/**
 * Reads the one condition of a slot from the objects that the cluster holds of it: the worst of all its instances, of
 * both components, in the order in which an instance comes to be. `now` in milliseconds since the epoch.
 */
export function judgeSlot(facts: SlotFacts, desired: SlotRecord["desired"], now: number): SlotJudgement {
  const findings: Finding[] = [];
  const observed: ObservedSlot["components"] = { predictor: null, transformer: null };
  for (const component of components) {
    const seen = facts.components[component];
    const wanted = desired[component];
    if (wanted === null) continue;
    const view = viewOf(component, seen ?? { deployment: null, replica_sets: [], pods: [], events: [] }, wanted);
    const finding = componentFinding(view, now);
    findings.push({ ...finding, message: `${subject(facts, component)}: ${finding.message}` });
    observed[component] = observedComponent(view, facts.slot, facts.revision);
  }
  const finding = worst(findings);
  if (!finding) throw new RangeError(`slot ${facts.slot} has no component to judge`);
  const condition = conditionOf(finding, facts, now);
  const { revision, epoch } = facts;
  return { condition, verdict: verdictOf(finding), observed: { revision, epoch, components: observed, condition } };
}

function conditionOf({ type, status, reason, message }: Finding, facts: SlotFacts, now: number): Condition {
  const at = new Date(now).toISOString();
  if (status === "True") return { ...saidOf("Ready", facts, at), type, reason };
  return { type, status, reason, message: oneLine(message), at };
}

/** Whom a cause speaks of, in the words of every condition; a cause may be of both components together. */
export function subject({ revision, slot }: Pick<SlotFacts, "revision" | "slot">, component?: Component): string {
  return `${component === undefined ? "" : `${component} of `}revision ${revision} (${slot})`;
}

function verdictOf({ status, final }: Finding): SlotJudgement["verdict"] {
  if (final) return "failed";
  return status === "True" ? "ready" : "progressing";
}
