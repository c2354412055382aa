import type { Construct } from "constructs";
import { WorkflowFromFile, type WorkflowFromFileProps } from "./toolkit/workflow-from-file.ts";

/** STOP and DELETE: takes the route away, removes what runs. */
export class ShutdownWorkflow extends WorkflowFromFile {
  constructor(scope: Construct, id: string, props: Omit<WorkflowFromFileProps, "definition" | "workflows">) {
    super(scope, id, { ...props, definition: "shutdown" });
  }
}
