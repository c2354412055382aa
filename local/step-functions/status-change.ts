import type { Execution, ExecutionStatus } from "./records.ts";

/** `detail` of EventBridge's `Step Functions Execution Status Change` (source `aws.states`). Times are epoch milliseconds. */
export interface StatusChange {
  executionArn: string;
  stateMachineArn: string;
  name: string;
  status: ExecutionStatus;
  startDate: number;
  stopDate: number | null;
  input: string;
  inputDetails: { included: boolean };
  output: string | null;
  outputDetails: { included: boolean } | null;
  error: string | null;
  cause: string | null;
}

export const statusChange = (execution: Execution): StatusChange => ({
  executionArn: execution.arn,
  stateMachineArn: execution.machine_arn,
  name: execution.name,
  status: execution.status,
  startDate: execution.started_at,
  stopDate: execution.stopped_at,
  input: execution.input,
  inputDetails: { included: true },
  output: execution.output,
  outputDetails: execution.output === null ? null : { included: true },
  error: execution.error,
  cause: execution.cause,
});
