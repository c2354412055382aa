import type { Construct } from "constructs";
import { WorkflowFromFile, type WorkflowFromFileProps } from "./toolkit/workflow-from-file.ts";

/** ROLLBACK to a slot that is there already: makes sure that it can carry the traffic, and moves it. */
export class RollbackWorkflow extends WorkflowFromFile {
  constructor(scope: Construct, id: string, props: Omit<WorkflowFromFileProps, "definition" | "workflows">) {
    super(scope, id, { ...props, definition: "rollback" });
  }
}
