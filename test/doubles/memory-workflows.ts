import { type Workflow, workflows } from "../../domain/operation-kinds.ts";
import type { WorkflowInput, Workflows } from "../../lambdas/ports/workflows.ts";

type Status = Awaited<ReturnType<Workflows["status"]>>;

/** Executions in memory: started once by name, and ended when a test says so. */
export class MemoryWorkflows implements Workflows {
  readonly executions = new Map<string, { workflow: Workflow; input: WorkflowInput; status: Exclude<Status, undefined>; cause?: string }>();
  /** What the service answers to every start and stop, when it is out of order. */
  fault: Error | undefined;

  async start(workflow: Workflow, input: WorkflowInput): Promise<void> {
    if (this.fault) throw this.fault;
    const name = `${workflow}/${input.operation_id}`;
    if (!this.executions.has(name)) this.executions.set(name, { workflow, input, status: "RUNNING" });
  }

  async stop(workflow: Workflow, operationId: string, cause: string): Promise<void> {
    if (this.fault) throw this.fault;
    const found = this.executions.get(`${workflow}/${operationId}`);
    if (found?.status === "RUNNING") Object.assign(found, { status: "ABORTED", cause });
  }

  async status(workflow: Workflow, operationId: string): Promise<Status> {
    return this.executions.get(`${workflow}/${operationId}`)?.status;
  }

  /** The execution of an operation, whichever workflow carries it out. */
  of(operationId: string) {
    return workflows.map((workflow) => this.executions.get(`${workflow}/${operationId}`)).find((found) => found !== undefined);
  }

  end(workflow: Workflow, operationId: string, status: Exclude<Status, undefined>): void {
    const found = this.executions.get(`${workflow}/${operationId}`);
    if (!found) throw new Error(`no execution ${workflow}/${operationId}`);
    found.status = status;
  }
}
