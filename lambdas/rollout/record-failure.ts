import type { Cause, Condition } from "../../domain/condition.ts";
import type { Ending } from "../../domain/decision.ts";
import { endOperation } from "../../domain/ending.ts";
import type { OperationStep } from "../../domain/operation.ts";
import { bakeStep } from "../../domain/rollout-plan.ts";
import type { ConditionType, OperationKind } from "../../domain/words.ts";
import type { WorkflowInput } from "../ports/workflows.ts";
import { endWith } from "./end-step.ts";
import { causeOf, type Failure } from "./failure-cause.ts";
import { instant, type StepPorts } from "./step.ts";

export interface RecordFailureInput extends WorkflowInput {
  /** The first failure's error output, with the name of the state in which it happened. */
  failure: Failure & { State?: string };
  /** The new revision had traffic, and what served before has it again. */
  restored?: boolean;
}

/** Ends the operation as FAILED, or as ROLLED_BACK when traffic was given back, with the cause of the first failure, the step it happened in and the condition it ended in. */
export async function recordFailure(
  input: RecordFailureInput,
  { record, clock }: Omit<StepPorts, "clusters">,
): Promise<Record<string, never>> {
  const { uid, operation_id, failure, restored = false } = input;
  const told = causeOf(failure);
  const outcome = restored ? "ROLLED_BACK" : "FAILED";
  await endWith(input, record, outcome, async (head) => {
    const at = instant(clock);
    const { kind = "START", steps = [] } = head.active_operation ?? {};
    const step = failedStep(steps, failure.State);
    const seen = step ? await seenDuring(step, uid, record) : [];
    const crash = asking.includes(step?.name ?? "") ? seen.find(({ type, status }) => type === "STARTED" && status === "False") : undefined;
    const cause = crash ? { reason: crash.reason, message: crash.message } : told;
    const condition = crash ?? conditionAtEnd(kind, step?.name, cause, at, seen[0]);
    return withFailedStep(endOperation(head, { operation_id, outcome, cause, condition, at }), step, told);
  });
  return {};
}

const transitionsRead = 30;

/** Steps that send requests: that a server which has crashed does not answer them is no cause. */
const asking = ["ProbeServer", "SendSmokeTests"];

/** What was seen while the step ran, newest first: since then the clean-up has taken away what it spoke of. */
async function seenDuring(
  { started_at, ended_at }: OperationStep,
  uid: string,
  record: Pick<StepPorts["record"], "transitions">,
): Promise<Condition[]> {
  const { items } = await record.transitions(uid, { limit: transitionsRead });
  return items.filter(({ at }) => at >= started_at && (ended_at === null || at <= ended_at));
}

/** A state is named as its step, or begins with it; the smoke test's steps are those of the nested machine. */
function failedStep(steps: OperationStep[], state = ""): OperationStep | undefined {
  const nested = ["ProbeServer", "SendSmokeTests"];
  return steps.findLast(({ name }) => (state === "SmokeTest" ? nested.includes(name) : state.startsWith(name)));
}

/** What cleaned up afterwards did its work: it is the failed step that says so. */
function withFailedStep(ending: Ending, failed: OperationStep | undefined, cause: Cause): Ending {
  if (!failed) return ending;
  const steps = ending.operation.steps.map((step): OperationStep => {
    if (step.started_at === failed.started_at && step.name === failed.name) return { ...step, outcome: "FAILED", detail: cause.message };
    const isAfter = step.started_at > failed.started_at;
    return isAfter ? { ...step, outcome: "SUCCEEDED", detail: null } : step;
  });
  return { ...ending, operation: { ...ending.operation, steps } };
}

function conditionAtEnd(
  kind: OperationKind,
  step: string | undefined,
  { reason, message }: Cause,
  at: string,
  seen: Condition | undefined,
): Condition {
  if (step === "AwaitReady" && seen?.status === "False") return seen;
  return { type: conditionType(kind, step, seen), status: "False", reason, message, at };
}

/** Steps of a slot whose instances were ready. */
const laterSteps = ["ProbeServer", "SendSmokeTests", "EnsureCapacity", "ShiftTraffic", bakeStep];

function conditionType(kind: OperationKind, step: string | undefined, seen: Condition | undefined): ConditionType {
  if (kind === "STOP" || kind === "DELETE") return "STOPPED";
  if (step === "AwaitReady") return seen?.type ?? "SCHEDULED";
  return step !== undefined && laterSteps.includes(step) ? "READY" : "SCHEDULED";
}
