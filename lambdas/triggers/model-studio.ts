import { trainingJob } from "../../contract/triggers.ts";
import type { Meaning, Trigger } from "../../domain/trigger.ts";
import { faultsIn } from "./faults-in.ts";
import { namedIn } from "./named-in.ts";

export const modelStudio = "model-studio";

/** `Training Job State Change`: a job that has COMPLETED is a version. */
export function readTrainingJob({ payload }: Trigger): Meaning {
  const { detail, time } = payload as { detail: unknown; time: string };
  const parsed = trainingJob.safeParse(detail);
  if (!parsed.success) return { does: "fail", reason: faultsIn(parsed.error, detail), ...namedIn(detail) };
  const { job_id, status, model, artifact_uri, sequence, ...rest } = parsed.data;
  if (status !== "COMPLETED") return { does: "nothing", reason: `the job ${job_id} is ${status}: only COMPLETED makes a version` };
  if (!model) return { does: "fail", reason: `the job ${job_id} names no model: give detail.model {group, name}` };
  const { group, name } = model;
  if (!artifact_uri) return { does: "fail", group, name, reason: `the job ${job_id} names no artifact: give detail.artifact_uri` };
  const source = { name: modelStudio, id: job_id, sequence: sequence ?? Date.parse(time) };
  return { does: "register", candidate: { group, name, artifact_uri, training_job: job_id, ...rest, source } };
}
