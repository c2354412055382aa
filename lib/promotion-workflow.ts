import type { Construct } from "constructs";
import type { RolloutWorkflow } from "./rollout-workflow.ts";
import { WorkflowFromFile, type WorkflowFromFileProps } from "./toolkit/workflow-from-file.ts";

export interface PromotionWorkflowProps extends Omit<WorkflowFromFileProps, "definition" | "workflows"> {
  rollout: RolloutWorkflow;
}

/** The way of a model version through staging, gate and production; its rollouts are executions of their own. */
export class PromotionWorkflow extends WorkflowFromFile {
  constructor(scope: Construct, id: string, { rollout, ...props }: PromotionWorkflowProps) {
    super(scope, id, { ...props, definition: "promotion", workflows: [rollout] });
  }
}
