import type { Database } from "../../storage/database.ts";
import { arn } from "../../template/place.ts";
import { AwsError } from "../error.ts";
import type { AwsService } from "../service.ts";

type Body = Record<string, unknown>;
type Kind = "training-job" | "model-package";

const schema = "CREATE TABLE IF NOT EXISTS sagemaker (arn TEXT PRIMARY KEY, description TEXT NOT NULL) WITHOUT ROWID;";

/** By the name that SageMaker gives it, or its ARN. */
export const sageMakerArn = (kind: Kind, name: unknown): string =>
  String(name).startsWith("arn:") ? String(name) : arn("sagemaker", `${kind}/${String(name).toLowerCase()}`);

/** SageMaker, as far as jobs and packages are told of and described. Nothing is trained: a job that is made has been done. */
export function sageMakerService(database: Database): AwsService {
  database.exec(schema);
  const save = (id: string, description: object): void => {
    database.prepare("INSERT OR REPLACE INTO sagemaker VALUES (?, ?)").run(id, JSON.stringify(description));
  };
  const find = (id: string): Body => {
    const row = database.prepare("SELECT description FROM sagemaker WHERE arn = ?").get(id);
    if (row) return JSON.parse(String(row.description)) as Body;
    throw new AwsError("ValidationException", "Requested resource not found.");
  };
  const operations: Record<string, (body: Body) => object> = {
    CreateTrainingJob: (body) => {
      const id = sageMakerArn("training-job", body.TrainingJobName);
      const { S3OutputPath } = (body.OutputDataConfig ?? {}) as { S3OutputPath?: string };
      const S3ModelArtifacts = `${S3OutputPath?.replace(/\/$/, "")}/${body.TrainingJobName}/output/model.tar.gz`;
      const done = { TrainingJobArn: id, TrainingJobStatus: "Completed", SecondaryStatus: "Completed", CreationTime: Date.now() / 1000 };
      save(id, { ...body, ...done, ModelArtifacts: { S3ModelArtifacts } });
      return { TrainingJobArn: id };
    },
    DescribeTrainingJob: ({ TrainingJobName }) => find(sageMakerArn("training-job", TrainingJobName)),
    CreateModelPackage: (body) => {
      const group = String(body.ModelPackageGroupName);
      const prefix = `${sageMakerArn("model-package", group)}/`;
      const known = database.prepare("SELECT count(*) AS n FROM sagemaker WHERE arn LIKE ?").get(`${prefix}%`);
      const ModelPackageVersion = Number(known?.n ?? 0) + 1;
      const id = `${prefix}${ModelPackageVersion}`;
      const made = { ModelPackageArn: id, ModelPackageVersion, ModelPackageStatus: "Completed", CreationTime: Date.now() / 1000 };
      save(id, { ModelApprovalStatus: "PendingManualApproval", ...body, ...made });
      return { ModelPackageArn: id };
    },
    UpdateModelPackage: ({ ModelPackageArn, ModelApprovalStatus }) => {
      const id = String(ModelPackageArn);
      save(id, { ...find(id), ...(ModelApprovalStatus !== undefined && { ModelApprovalStatus }) });
      return { ModelPackageArn: id };
    },
    DescribeModelPackage: ({ ModelPackageName }) => find(sageMakerArn("model-package", ModelPackageName)),
  };
  return {
    async handle(call) {
      const operation = operations[call.action ?? ""];
      if (!operation) throw new AwsError("UnknownOperationException", `The local SageMaker does not know ${call.action}`);
      const body = JSON.parse(call.body.toString("utf8") || "{}") as Body;
      return { status: 200, headers: { "content-type": "application/x-amz-json-1.1" }, body: operation(body) };
    },
  };
}
