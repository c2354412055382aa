import type { Head } from "../../domain/deployment.ts";
import type { Evidence } from "../../domain/evidence.ts";
import type { ActiveOperation, Operation, OperationStep } from "../../domain/operation.ts";
import { weightsOf } from "../../domain/traffic.ts";

/** While an operation runs it is on HEAD, where one write keeps its steps and weights. */
export function operationUnderWay(
  { id: deployment_id, uid, group, epoch, slots }: Head,
  { step: _, promotion: __, evicts: ___, visit: ____, interrupts_serving = false, ...active }: ActiveOperation,
  evidence: Evidence | null,
): Operation {
  const notYet = { outcome: null, cause: null, ended_at: null };
  return { ...active, ...notYet, deployment_id, uid, group, epoch, weights: weightsOf(slots), evidence, interrupts_serving };
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
