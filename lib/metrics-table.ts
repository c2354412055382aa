import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, Billing, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { Construct } from "constructs";
import type { ServiceFunction } from "./toolkit/service-function.ts";

/**
 * What gateways have counted, minute by minute, for fifteen days. Apart from the record: it is written each minute, and
 * needs neither the record's stream nor its backups.
 */
export class MetricsTable extends TableV2 {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      partitionKey: { name: "pk", type: AttributeType.STRING },
      sortKey: { name: "sk", type: AttributeType.STRING },
      billing: Billing.onDemand(),
      timeToLiveAttribute: "expires_at",
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  grantKeep(collector: ServiceFunction): void {
    collector.set("METRICS_TABLE_NAME", this.tableName).may(["dynamodb:BatchWriteItem"], [this.tableArn]);
  }

  grantRead(reader: ServiceFunction): void {
    reader.set("METRICS_TABLE_NAME", this.tableName).may(["dynamodb:Query"], [this.tableArn]);
  }
}
