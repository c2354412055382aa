import { Duration } from "aws-cdk-lib";
import { Rule } from "aws-cdk-lib/aws-events";
import { SnsTopic } from "aws-cdk-lib/aws-events-targets";
import { Topic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import type { SlipwayBus } from "./event-bus.ts";
import { DeadLetterQueue } from "./toolkit/dead-letter-queue.ts";

/** Tells whoever subscribes of deployments that miss their objectives, and that they keep to them again: each once, as the bus has it. */
export class AlertsTopic extends Topic {
  readonly undelivered: DeadLetterQueue;

  constructor(scope: Construct, id: string, bus: SlipwayBus) {
    super(scope, id, { displayName: "Slipway", enforceSSL: true });
    this.undelivered = new DeadLetterQueue(this, "Undelivered");
    new Rule(this, "Alerts", {
      description: "Tells the topic of alerts",
      eventBus: bus,
      eventPattern: { source: ["slipway"], detailType: ["Alert Raised", "Alert Resolved"] },
      targets: [new SnsTopic(this, { deadLetterQueue: this.undelivered, maxEventAge: Duration.hours(6) })],
    });
  }
}
