import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, BillingMode, Table, TableEncryption } from "aws-cdk-lib/aws-dynamodb";
import { Key } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";
import type { ServiceFunction } from "./toolkit/service-function.ts";

/**
 * Secret environment values, under a key of their own. One function may store them, one may reveal them, one may remove them.
 * A plain Table: TableV2 takes a key of ours only where the region is known at synth, and ours is not.
 */
export class SecretsTable extends Table {
  private readonly key: Key;

  constructor(scope: Construct, id: string) {
    const key = new Key(scope, `${id}Key`, {
      description: "Secret environment values of Slipway's deployments",
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    super(scope, id, {
      partitionKey: { name: "pk", type: AttributeType.STRING },
      sortKey: { name: "sk", type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: key,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.key = key;
  }

  /** DynamoDB opens the table's own key with Decrypt for a writer too; what the writer lacks is any way to read an item. */
  grantStore(writer: ServiceFunction): void {
    writer
      .set("SECRETS_TABLE_NAME", this.tableName)
      .may(["dynamodb:PutItem"], [this.tableArn])
      .may(["kms:Encrypt", "kms:GenerateDataKey", "kms:Decrypt"], [this.key.keyArn]);
  }

  grantForget(remover: ServiceFunction): void {
    remover.set("SECRETS_TABLE_NAME", this.tableName).may(["dynamodb:DeleteItem"], [this.tableArn]).may(["kms:Decrypt"], [this.key.keyArn]);
  }

  grantReveal(reader: ServiceFunction): void {
    reader.set("SECRETS_TABLE_NAME", this.tableName).may(["dynamodb:GetItem"], [this.tableArn]).may(["kms:Decrypt"], [this.key.keyArn]);
  }
}
