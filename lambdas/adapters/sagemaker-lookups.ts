import { CannotBeAsked, type SageMakerLookups } from "../ports/report-lookups.ts";
import { AwsError, isPassing, NoAnswer } from "../runtime/aws-error.ts";
import type { AwsCall } from "../runtime/aws-json.ts";

interface TrainingJob {
  ModelArtifacts?: { S3ModelArtifacts?: string };
}
interface ModelPackage {
  ModelApprovalStatus?: string;
  InferenceSpecification?: { Containers?: { ModelDataUrl?: string }[] };
}

/** SageMaker itself, in the function's own account and region. */
export function sageMakerLookups(call: AwsCall): SageMakerLookups {
  const describe = <Output>(action: string, input: object): Promise<Output | undefined> => call<Output>(action, input).catch(unknownOr);
  return {
    async trainingArtifact(TrainingJobName) {
      const job = await describe<TrainingJob>("DescribeTrainingJob", { TrainingJobName });
      return job?.ModelArtifacts?.S3ModelArtifacts;
    },
    async modelPackage(ModelPackageName) {
      const found = await describe<ModelPackage>("DescribeModelPackage", { ModelPackageName });
      return found && { artifact: found.InferenceSpecification?.Containers?.[0]?.ModelDataUrl, approval: found.ModelApprovalStatus };
    },
  };
}

/** SageMaker says of what it does not have that the request is not valid. */
function unknownOr(error: unknown): undefined {
  if (error instanceof AwsError && (error.name === "ResourceNotFound" || error.name === "ValidationException")) return undefined;
  if (error instanceof AwsError) throw new CannotBeAsked(`SageMaker answers ${error.name}: ${error.message}`, isPassing(error));
  if (error instanceof NoAnswer) throw new CannotBeAsked(`SageMaker does not answer: ${error.message}`, true);
  throw error;
}
