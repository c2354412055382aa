import * as z from "zod/mini";
import { modelName } from "../../contract/grammars.ts";
import { parseModelUri } from "../../contract/model-uri.ts";
import type { NamedModel, SageMakerSource } from "../../domain/report-sources.ts";
import type { Candidate, Meaning, Trigger } from "../../domain/trigger.ts";
import type { SageMakerLookups } from "../ports/report-lookups.ts";
import { faultsIn } from "./faults-in.ts";

/** What is used of `SageMaker Training Job State Change`; hyperparameters and environment may hold secrets. */
const trainingJob = z.lazy(() =>
  z.object({
    TrainingJobName: z.string(),
    TrainingJobArn: z.string(),
    TrainingJobStatus: z.string(),
    /** Milliseconds since the epoch. */
    CreationTime: z.optional(z.number()),
  }),
);
/** What is used of `SageMaker Model Package State Change`. */
const modelPackage = z.lazy(() =>
  z.object({
    ModelPackageGroupName: z.string(),
    ModelPackageVersion: z.int(),
    ModelPackageArn: z.string(),
    ModelApprovalStatus: z.string(),
    InferenceSpecification: z.optional(z.object({ Containers: z.array(z.object({ ModelDataUrl: z.optional(z.string()) })) })),
  }),
);
const details: Record<string, z.ZodMiniType<Record<string, unknown>>> = {
  "SageMaker Training Job State Change": trainingJob,
  "SageMaker Model Package State Change": modelPackage,
};

/** Of an event of SageMaker's, what may be kept of its detail; one that is not as documented stays as it is, to be looked at. */
export function usedDetail(kind: string, detail: Record<string, unknown>): Record<string, unknown> {
  return details[kind]?.safeParse(detail).data ?? detail;
}

/** Events of the account's default bus: a job that is done, a package that somebody has approved or rejected. */
export async function readSageMaker(trigger: Trigger, configured: SageMakerSource, lookups: SageMakerLookups): Promise<Meaning> {
  const { kind, payload } = trigger;
  if (kind === "SageMaker Training Job State Change") return readJob(trigger, configured, lookups);
  if (kind !== "SageMaker Model Package State Change") return { does: "nothing", reason: `${kind} makes no version` };
  const parsed = modelPackage.safeParse(payload.detail);
  return parsed.success ? readPackage(parsed.data, configured, lookups) : { does: "fail", reason: faultsIn(parsed.error, payload.detail) };
}

async function readJob({ payload }: Trigger, { training_jobs }: SageMakerSource, lookups: SageMakerLookups): Promise<Meaning> {
  const parsed = trainingJob.safeParse(payload.detail);
  if (!parsed.success) return { does: "fail", reason: faultsIn(parsed.error, payload.detail) };
  const { TrainingJobName: job, TrainingJobArn: id, TrainingJobStatus: status, CreationTime } = parsed.data;
  if (status !== "Completed") return { does: "nothing", reason: `the job ${job} is ${status}: only Completed makes a version` };
  const model = namedModel(training_jobs, job, withoutTime(job));
  if (!model) return { does: "nothing", reason: `the training job ${job} is none of those under reports.sagemaker.training_jobs` };
  const source = { name: "sagemaker-jobs", id, sequence: CreationTime ?? Date.parse(String(payload.time)) };
  return registering(model, { artifact_uri: await lookups.trainingArtifact(job), training_job: job, source });
}

async function readPackage(
  { ModelPackageGroupName: packages, ModelPackageVersion: sequence, ModelPackageArn: id, ...rest }: z.output<typeof modelPackage>,
  { model_package_groups }: SageMakerSource,
  lookups: SageMakerLookups,
): Promise<Meaning> {
  const status = rest.ModelApprovalStatus;
  const model = namedModel(model_package_groups, packages, packages.toLowerCase());
  if (!model) return { does: "nothing", reason: `the group ${packages} is none of those under reports.sagemaker.model_package_groups` };
  const source = { name: "sagemaker", id, sequence };
  if (status === "Rejected") return { does: "withdraw", ...model, source, reason: `version ${sequence} of ${packages} was rejected` };
  if (status !== "Approved")
    return { does: "nothing", reason: `version ${sequence} of ${packages} is ${status}: only Approved makes a version` };
  // Events come in no order: what SageMaker says now is what counts.
  const now = await lookups.modelPackage(id);
  if (now?.approval === "Rejected") return { does: "nothing", reason: `version ${sequence} of ${packages} is Rejected by now` };
  const said = rest.InferenceSpecification?.Containers[0]?.ModelDataUrl;
  return registering(model, { artifact_uri: said ?? now?.artifact, training_job: null, source });
}

type Found = Pick<Candidate, "training_job" | "source"> & { artifact_uri: string | undefined };

function registering({ group, name }: { group: string; name: string }, { artifact_uri, ...found }: Found): Meaning {
  const fail = (why: string): Meaning => ({ does: "fail", group, name, reason: `${why} ${found.source.id}` });
  if (!modelName.safeParse(name).success) return fail(`${name} can be no model's name here, give one in the configuration:`);
  if (artifact_uri === undefined) return fail("SageMaker names no artifact of");
  const uri = parseModelUri(artifact_uri);
  if ("wrong" in uri) return fail(`the artifact ${artifact_uri} cannot be used (${uri.wrong}):`);
  const unsaid = { runtime: null, framework: null, metrics: {}, metadata: {}, signature: null, checksum: null };
  return { does: "register", candidate: { group, name, artifact_uri, ...unsaid, ...found } };
}

function namedModel(named: Record<string, NamedModel>, name: string, otherwise: string): { group: string; name: string } | undefined {
  const fits = ([given]: [string, NamedModel]) => (given.endsWith("*") ? name.startsWith(given.slice(0, -1)) : given === name);
  const [found] = Object.entries(named)
    .filter(fits)
    .sort(([one], [other]) => other.length - one.length);
  return found && { group: found[1].group, name: found[1].model ?? otherwise };
}

/** `card-2026-11-21-09-12-03-120`, as SageMaker's SDK names jobs. */
const withoutTime = (job: string): string => job.toLowerCase().replace(/-\d{4}(-\d{2}){5}(-\d{3})?$/, "");
