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

  /** Who handles a report may ask its sender for what it does not say. */
  grantInterpret(receiver: ServiceFunction): void {
    receiver.set("REPORTS", JSON.stringify(this.configuration));
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
