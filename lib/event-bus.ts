import { EventBus } from "aws-cdk-lib/aws-events";
import type { Construct } from "constructs";
import type { ServiceFunction } from "./toolkit/service-function.ts";

/** Where other systems hear what Slipway did and tell it what they did. Its name is part of that agreement. */
export class SlipwayBus extends EventBus {
  constructor(scope: Construct, id: string) {
    super(scope, id, { eventBusName: "slipway", description: "State changes of deployments, operations and promotions" });
  }

  grantPublish(publisher: ServiceFunction): void {
    publisher.set("EVENT_BUS_NAME", this.eventBusName).may(["events:PutEvents"], [this.eventBusArn]);
  }
}
