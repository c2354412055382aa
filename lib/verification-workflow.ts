import type { Construct } from "constructs";
import type { SmokeTestWorkflow } from "./smoke-test-workflow.ts";
import { WorkflowFromFile, type WorkflowFromFileProps } from "./toolkit/workflow-from-file.ts";

export interface VerificationWorkflowProps extends Omit<WorkflowFromFileProps, "definition" | "workflows"> {
  smokeTest: SmokeTestWorkflow;
}

/** SMOKE_TEST: asks what serves whether it still answers as it should. */
export class VerificationWorkflow extends WorkflowFromFile {
  constructor(scope: Construct, id: string, { smokeTest, ...props }: VerificationWorkflowProps) {
    super(scope, id, { ...props, definition: "verification", workflows: [smokeTest] });
  }
}
