import type { Evidence, Head, Operation, OperationStep } from "../../domain/deployment.ts";
import { weightsOf } from "../../domain/traffic.ts";

/** While an operation runs its steps and weights are on HEAD, where one write keeps them: a reader sees them merged in. */
export function withProgress(operation: Operation, head: Head | undefined): Operation {
  if (operation.outcome !== null || head?.active_operation?.id !== operation.id) return operation;
  const { slot, steps } = head.active_operation;
  return { ...operation, slot, steps, weights: weightsOf(head.slots) };
}

/** A step is over when the next one begins; only its beginning is written, so entering a step is one write without a read. */
export function closeSteps(steps: (Pick<OperationStep, "name" | "started_at"> & Partial<OperationStep>)[]): OperationStep[] {
  return steps.map((entered, position) => {
    const step = { ended_at: null, outcome: null, detail: null, ...entered };
    const next = steps[position + 1];
    return next && step.ended_at === null ? { ...step, ended_at: next.started_at, outcome: step.outcome ?? "SUCCEEDED" } : step;
  });
}

const nothingKept: Evidence = { key: null, smoke_tests: [], conditions: [], events: [], logs: [], digests: {}, judgements: [] };

/** What is given replaces what was kept under the same name; digests are kept for each component. */
export function mergeEvidence(kept: Partial<Evidence> | null, more: Partial<Evidence>): Evidence {
  return { ...nothingKept, ...kept, ...more, digests: { ...kept?.digests, ...more.digests } };
}
