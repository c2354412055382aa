import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, Billing, ProjectionType, StreamViewType, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { listedAttributes } from "../lambdas/runtime/settings.ts";
import type { ServiceFunction } from "./toolkit/service-function.ts";

const clusterIndex = "by-cluster";
const groupIndex = "by-group";
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
        {
          // What lists show: an entry is written only when one of these changes, not at every step.
          indexName: groupIndex,
          partitionKey: { name: "group", type: AttributeType.STRING },
          sortKey: { name: "listed_name", type: AttributeType.STRING },
          projectionType: ProjectionType.INCLUDE,
          nonKeyAttributes: [...listedAttributes],
        },
      ],
    });
  }

  grantRead(reader: ServiceFunction): void {
    reader.set("TABLE_NAME", this.tableName).may(reading, [this.tableArn]);
  }

  /** Says that somebody looks at a cluster, and nothing else. */
  grantTellLook(looker: ServiceFunction): void {
    this.allowIn(["WATCH#*"], looker, ["dynamodb:UpdateItem"]);
  }

  /** Writes down which searches of logs somebody waits for, and nothing else. */
  grantAwaitSearches(searcher: ServiceFunction): void {
    this.allowIn(["SEARCHES"], searcher, ["dynamodb:PutItem", "dynamodb:DeleteItem"]);
  }

  /** Finds those that nobody waits for any more, and nothing else. */
  grantTakeSearches(stopper: ServiceFunction): void {
    stopper.set("TABLE_NAME", this.tableName);
    this.allowIn(["SEARCHES"], stopper, ["dynamodb:Query", "dynamodb:DeleteItem"]);
  }

  /** What a person's request changes, and what a running operation writes: single items, and transactions of them. */
  grantWrite(writer: ServiceFunction): void {
    this.grantRead(writer);
    writer.may(writing, [this.tableArn]);
  }

  /** A client's token is worth nothing once its item is gone: no other decision about a deployment is ever removed. */
  grantRemoveClients(writer: ServiceFunction): void {
    this.allowIn(["DEPLOYMENT#*"], writer, ["dynamodb:DeleteItem"]);
  }

  /** A promotion that has ended leaves the list of those under way: no other decision is ever removed. */
  grantEndPromotion(writer: ServiceFunction): void {
    this.grantWrite(writer);
    writer.may(["dynamodb:DeleteItem"], [this.tableArn]);
  }

  /** Deployments of a group, by name. */
  grantList(reader: ServiceFunction): void {
    reader.may(["dynamodb:Query"], [`${this.tableArn}/index/${groupIndex}`]);
  }

  /** Which deployments are alive in a cluster. */
  grantFindByCluster(reader: ServiceFunction): void {
    reader.may(["dynamodb:Query"], [`${this.tableArn}/index/${clusterIndex}`]);
  }

  /** Finds a client of a deployment by its token, and writes nothing but when it was last used. */
  grantAuthorize(authorizer: ServiceFunction): void {
    authorizer.set("TABLE_NAME", this.tableName);
    this.allowIn(["ID#*", "DEPLOYMENT#*"], authorizer, ["dynamodb:GetItem"]);
    this.allowIn(["DEPLOYMENT#*"], authorizer, ["dynamodb:UpdateItem"], ["pk", "sk", "last_used_at"]);
  }

  private allowIn(partitions: string[], user: ServiceFunction, actions: string[], attributes?: string[]): void {
    const allowed = { "dynamodb:LeadingKeys": partitions, ...(attributes && { "dynamodb:Attributes": attributes }) };
    // A call that names none would satisfy the first alone.
    const conditions = { "ForAllValues:StringLike": allowed, Null: Object.fromEntries(Object.keys(allowed).map((key) => [key, "false"])) };
    user.addToRolePolicy(new PolicyStatement({ actions, resources: [this.tableArn], conditions }));
  }
}
