import { Duration } from "aws-cdk-lib";
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from "aws-cdk-lib/aws-lambda";
import { SqsDlq } from "aws-cdk-lib/aws-lambda-event-sources";
import { Construct } from "constructs";
import type { RecordTable } from "./record-table.ts";
import { DeadLetterQueue } from "./toolkit/dead-letter-queue.ts";
import type { ServiceFunction } from "./toolkit/service-function.ts";

/**
 * Gives PublishEvents the EVENT items of the record's stream, in order per deployment and at least once. A record that
 * cannot be published is told apart by bisection and ends in the queue, with its place in the stream.
 */
export class EventPublisher extends Construct {
  readonly undelivered: DeadLetterQueue;

  constructor(scope: Construct, id: string, publisher: ServiceFunction, record: RecordTable) {
    super(scope, id);
    this.undelivered = new DeadLetterQueue(this, "Undelivered");
    const stream = record.tableStreamArn as string;
    publisher.may(["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"], [stream]);
    new EventSourceMapping(this, "Stream", {
      target: publisher,
      eventSourceArn: stream,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      parallelizationFactor: 1,
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      retryAttempts: 10,
      maxRecordAge: Duration.hours(6),
      onFailure: new SqsDlq(this.undelivered),
      filters: [
        FilterCriteria.filter({
          eventName: FilterRule.isEqual("INSERT"),
          dynamodb: { NewImage: { item_type: { S: FilterRule.isEqual("EVENT") } } },
        }),
      ],
    });
  }
}
