import { Duration } from "aws-cdk-lib";
import { type EventPattern, type IEventBus, Rule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { Construct } from "constructs";
import type { ReportConfiguration } from "./report-configuration.ts";
import { DeadLetterQueue } from "./toolkit/dead-letter-queue.ts";
import type { ServiceFunction } from "./toolkit/service-function.ts";

export interface ReportRulesProps {
  receiver: ServiceFunction;
  bus: IEventBus;
  configuration: ReportConfiguration;
}

/** Brings ReceiveEvent what other systems report, and what the record's own events have to be followed by. */
export class ReportRules extends Construct {
  readonly undelivered: DeadLetterQueue;
  private readonly receiver: ServiceFunction;

  constructor(scope: Construct, id: string, { receiver, bus, configuration: { sagemaker } }: ReportRulesProps) {
    super(scope, id);
    this.receiver = receiver;
    this.undelivered = new DeadLetterQueue(this, "Undelivered");
    receiver.configureAsyncInvoke({ retryAttempts: 2, maxEventAge: Duration.hours(6), onFailure: new SqsDestination(this.undelivered) });
    const told = ["Model Version Registered", "Promotion Ended"];
    this.bring("TrainingJobs", bus, { source: ["model-studio"], detailType: ["Training Job State Change"] });
    this.bring("Registrations", bus, { source: ["slipway"], detailType: told });
    // On the account's default bus, where AWS puts them; only what may have an effect.
    const source = ["aws.sagemaker"];
    if (Object.keys(sagemaker.training_jobs).length > 0) {
      const detail = { TrainingJobStatus: ["Completed"] };
      this.bring("SageMakerJobs", undefined, { source, detailType: ["SageMaker Training Job State Change"], detail });
    }
    if (Object.keys(sagemaker.model_package_groups).length > 0) {
      const detail = { ModelApprovalStatus: ["Approved", "Rejected"] };
      this.bring("SageMakerPackages", undefined, { source, detailType: ["SageMaker Model Package State Change"], detail });
    }
  }

  private bring(id: string, eventBus: IEventBus | undefined, eventPattern: EventPattern): void {
    const target = new LambdaFunction(this.receiver, {
      deadLetterQueue: this.undelivered,
      retryAttempts: 185,
      maxEventAge: Duration.hours(24),
    });
    new Rule(this, id, { ...(eventBus && { eventBus }), eventPattern, targets: [target], description: `Reports: ${id}` });
  }
}
