import type { Construct } from "constructs";
import { WorkflowFromFile, type WorkflowFromFileProps } from "./toolkit/workflow-from-file.ts";

/** Probes a slot that has no traffic yet; nested in a rollout. */
export class SmokeTestWorkflow extends WorkflowFromFile {
  constructor(scope: Construct, id: string, props: Omit<WorkflowFromFileProps, "definition" | "workflows">) {
    super(scope, id, { ...props, definition: "smoke-test" });
  }
}
