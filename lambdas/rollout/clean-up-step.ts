import { isCleanUp } from "../../domain/clean-up.ts";
import type { Head } from "../../domain/deployment.ts";
import type { ActiveOperation } from "../../domain/operation.ts";
import { firstSteps } from "../../domain/operation-kinds.ts";
import type { Cluster } from "../ports/cluster.ts";
import type { WorkflowInput } from "../ports/workflows.ts";
import { beginFirstStep, beginStep, overtaken, type StepPorts } from "./step.ts";

/** A step of an operation, or of a clean-up after one: then `operation` is null and the epoch alone is the fence. */
export interface CleaningStep {
  head: Head;
  operation: ActiveOperation | null;
  cluster: Cluster;
}

export async function beginCleaningStep(input: WorkflowInput, name: string, ports: StepPorts): Promise<CleaningStep> {
  if (!isCleanUp(input)) return name === firstSteps.shutdown ? beginFirstStep(input, name, ports) : beginStep(input, name, ports);
  const head = await ports.record.head(input.uid);
  if (!head || head.epoch !== input.epoch || head.active_operation) throw overtaken(input);
  return { head, operation: null, cluster: await ports.clusters(head.place.cluster) };
}
