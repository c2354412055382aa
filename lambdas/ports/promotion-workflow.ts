/** The state machine that carries promotions out. Executions are named by the promotion's id: starting twice is one effect. */
export interface PromotionWorkflow {
  /** `group`: the promotion's, by which its steps find it at once. */
  start(promotionId: string, group: string): Promise<void>;
  /** Stopping what has ended or never was is no error. Runs no Catch. */
  stop(promotionId: string, cause: string): Promise<void>;
  /** undefined when there is no execution of that name. */
  status(promotionId: string): Promise<"RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED" | undefined>;
  /** Ends the wait that a task token stands for. One that is over is no error: what counts is in the record. */
  wake(taskToken: string): Promise<void>;
}
