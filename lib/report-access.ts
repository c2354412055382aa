import { Aws } from "aws-cdk-lib";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import type { ReportConfiguration } from "./report-configuration.ts";
import type { ServiceFunction } from "./toolkit/service-function.ts";

/** What reports are told by: which systems send them, the secrets that webhooks are signed with, and where more is asked for. */
export class ReportAccess extends Construct {
  private readonly configuration: ReportConfiguration;
  private readonly secrets: Secret[];

  constructor(scope: Construct, id: string, configuration: ReportConfiguration) {
    super(scope, id);
    this.configuration = configuration;
    this.secrets = Object.keys(configuration.webhooks).map(
      (source) =>
        new Secret(this, source, {
          secretName: `slipway/webhooks/${source}`,
          description: `Signs what ${source} reports: its sender is given the same`,
          generateSecretString: { passwordLength: 48, excludePunctuation: true },
        }),
    );
  }

  /** Who handles a report has to know what it means here. */
  introduce(receiver: ServiceFunction): void {
    receiver.set("REPORTS", JSON.stringify(this.configuration));
  }

  /** May ask SageMaker where an artifact lies: of the jobs and packages that are configured. */
  grantDescribe(receiver: ServiceFunction): void {
    const { jobs, packages } = sageMakerArns(this.configuration);
    if (jobs.length > 0) receiver.may(["sagemaker:DescribeTrainingJob"], jobs);
    if (packages.length > 0) receiver.may(["sagemaker:DescribeModelPackage"], packages);
  }

  /** May ask MLflow's server as whom the configuration names. */
  grantTrack(receiver: ServiceFunction): void {
    const names = Object.values(this.configuration.webhooks).flatMap((source) =>
      source.kind === "mlflow" && source.tracking?.credentials_secret ? [source.tracking.credentials_secret] : [],
    );
    if (names.length > 0) receiver.may(["secretsmanager:GetSecretValue"], [...new Set(names)].map(arnOf));
  }

  /** Who takes deliveries has to know what they are signed with. */
  grantVerify(receiver: ServiceFunction): void {
    if (this.secrets.length === 0) return;
    const arns = this.secrets.map(({ secretArn }) => secretArn);
    receiver.may(["secretsmanager:GetSecretValue"], arns);
  }
}

/** Secrets Manager ends every name in an ARN with six characters of its own. */
const arnOf = (name: string): string =>
  name.startsWith("arn:") ? name : `arn:${Aws.PARTITION}:secretsmanager:${Aws.REGION}:${Aws.ACCOUNT_ID}:secret:${name}-??????`;

type Place = Record<"PARTITION" | "REGION" | "ACCOUNT_ID", string>;

/** SageMaker writes names in ARNs in lower case. */
export function sageMakerArns({ sagemaker }: ReportConfiguration, place: Place = Aws): { jobs: string[]; packages: string[] } {
  const { PARTITION, REGION, ACCOUNT_ID } = place;
  const arns = (named: object, of: (name: string) => string) =>
    Object.keys(named).map((name) => `arn:${PARTITION}:sagemaker:${REGION}:${ACCOUNT_ID}:${of(name.toLowerCase())}`);
  return {
    jobs: arns(sagemaker.training_jobs, (name) => `training-job/${name}`),
    packages: arns(sagemaker.model_package_groups, (name) => `model-package/${name}${name.endsWith("*") ? "" : "/*"}`),
  };
}
