import type { Construct } from "constructs";
import type { SmokeTestWorkflow } from "./smoke-test-workflow.ts";
import { WorkflowFromFile, type WorkflowFromFileProps } from "./toolkit/workflow-from-file.ts";

export interface RolloutWorkflowProps extends Omit<WorkflowFromFileProps, "definition" | "workflows"> {
  smokeTest: SmokeTestWorkflow;
}

/** START, UPDATE and RESTART: brings a revision up, tests it, moves the traffic. */
export class RolloutWorkflow extends WorkflowFromFile {
  constructor(scope: Construct, id: string, { smokeTest, ...props }: RolloutWorkflowProps) {
    super(scope, id, { ...props, definition: "rollout", workflows: [smokeTest] });
  }
}
