import type { Workflow, WorkflowInput, Workflows } from "../../lambdas/ports/workflows.ts";

type Status = NonNullable<Awaited<ReturnType<Workflows["status"]>>>;

/** Executions in memory. They run until a test ends them. */
export class MemoryWorkflows implements Workflows {
  readonly executions = new Map<string, { workflow: Workflow; input: WorkflowInput; status: Status }>();
  /** Thrown by the next call, once. */
  fault: Error | undefined;

  async start(workflow: Workflow, input: WorkflowInput): Promise<void> {
    this.throwFault();
    if (!this.executions.has(input.operation_id)) this.executions.set(input.operation_id, { workflow, input, status: "RUNNING" });
  }

  async stop(workflow: Workflow, operationId: string, _cause: string): Promise<void> {
    this.throwFault();
    const execution = this.executions.get(operationId);
    if (execution?.workflow === workflow && execution.status === "RUNNING") execution.status = "ABORTED";
  }

  async status(workflow: Workflow, operationId: string): Promise<Status | undefined> {
    const execution = this.executions.get(operationId);
    return execution?.workflow === workflow ? execution.status : undefined;
  }

  private throwFault(): void {
    const fault = this.fault;
    this.fault = undefined;
    if (fault) throw fault;
  }
}
