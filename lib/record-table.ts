import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, Billing, ProjectionType, StreamViewType, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import type { ServiceFunction } from "./toolkit/service-function.ts";

const clusterIndex = "by-cluster";
const reading = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"];
const writing = ["dynamodb:PutItem", "dynamodb:UpdateItem"];

/** The record: what people and operations decided and what was seen. It outlives the stack. */
export class RecordTable extends TableV2 {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      partitionKey: { name: "pk", type: AttributeType.STRING },
      sortKey: { name: "sk", type: AttributeType.STRING },
      billing: Billing.onDemand(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: "expires_at",
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      globalSecondaryIndexes: [
        {
          // Sparse: only deployments with an operation under way or objects in the cluster carry the key.
          indexName: clusterIndex,
          partitionKey: { name: "cluster_key", type: AttributeType.STRING },
          sortKey: { name: "uid", type: AttributeType.STRING },
          projectionType: ProjectionType.KEYS_ONLY,
        },
      ],
    });
  }

  grantRead(reader: ServiceFunction): void {
    reader.set("TABLE_NAME", this.tableName).may(reading, [this.tableArn]);
  }

  /** Everything that a person's request changes, in one conditional transaction. */
  grantChange(writer: ServiceFunction): void {
    this.grantEnd(writer);
  }

  /** Says that somebody looks at a cluster, and nothing else. */
  grantTellLook(looker: ServiceFunction): void {
    // A call that names no partition would satisfy the first alone.
    const onWatches = { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["WATCH#*"] }, Null: { "dynamodb:LeadingKeys": "false" } };
    looker.addToRolePolicy(new PolicyStatement({ actions: ["dynamodb:UpdateItem"], resources: [this.tableArn], conditions: onWatches }));
  }

  /** What a running operation writes: its steps and slots, its evidence, what it saw. */
  grantProgress(writer: ServiceFunction): void {
    this.grantRead(writer);
    writer.may(writing, [this.tableArn]);
  }

  /** Progress, and the end of an operation, which replaces the deployment's card. */
  grantEnd(writer: ServiceFunction): void {
    this.grantProgress(writer);
    writer.may(["dynamodb:DeleteItem"], [this.tableArn]);
  }

  /** Which deployments are alive in a cluster. */
  grantFindByCluster(reader: ServiceFunction): void {
    reader.may(["dynamodb:Query"], [`${this.tableArn}/index/${clusterIndex}`]);
  }
}
