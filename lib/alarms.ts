import { Duration } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, type IMetric, MathExpression, Stats, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Topic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import type { Functions } from "./functions.ts";
import type { HttpApi } from "./http-api.ts";
import type { DeadLetterQueue } from "./toolkit/dead-letter-queue.ts";
import type { Workflows } from "./workflows.ts";

export interface AlarmsProps {
  functions: Functions;
  workflows: Workflows;
  api: HttpApi;
  deadLetters: DeadLetterQueue[];
  /** SNS topic that hears of every alarm; null: they are seen in the console only. */
  topic_arn: string | null;
}

interface Watch {
  metric: IMetric;
  above: number;
  /** Of this many periods in a row. */
  periods?: number;
  says: string;
  /** Nothing reported is itself the fault. */
  silenceIsBad?: boolean;
}

const minutes = (count: number, statistic: string = Stats.SUM) => ({ period: Duration.minutes(count), statistic });

/** Few alarms, each with something to do: its runbook is `docs/runbooks/<id in kebab-case>.md`. */
export class Alarms extends Construct {
  private readonly topicArn: string | null;

  constructor(scope: Construct, id: string, { functions, workflows, api, deadLetters, topic_arn }: AlarmsProps) {
    super(scope, id);
    this.topicArn = topic_arn;
    const { ReadRecord, ChangeRecord, InspectCluster, ReadLogs, ReadMetrics, DescribeApi, AuthorizeClient } = functions;
    const { Sync, CollectMetrics, RaiseAlerts, StopSearches, PublishEvents, RecordFailure, CompleteShutdown } = functions;
    const answering = [ReadRecord, ChangeRecord, InspectCluster, ReadLogs, ReadMetrics, DescribeApi, AuthorizeClient];
    const deadLetterCount = deadLetters.map((queue) => queue.metricApproximateNumberOfMessagesVisible(minutes(5, Stats.MAXIMUM)));
    const failed = workflows.all.map((workflow) => workflow.metricFailed(minutes(15)));
    const timedOut = workflows.all.map((workflow) => workflow.metricTimedOut(minutes(5)));
    const background = [Sync, CollectMetrics, RaiseAlerts, StopSearches, PublishEvents, RecordFailure, CompleteShutdown];

    this.watch("DeadLetters", { metric: sum(deadLetterCount), above: 0, says: "Something could not be delivered" });
    this.watch("ApiErrors", { metric: api.metricServerError(minutes(5)), above: 5, says: "The API answers with 5xx" });
    this.watch("BackgroundErrors", {
      metric: sum(background.map((each) => each.metricErrors(minutes(5)))),
      above: 2,
      says: backgroundSays,
    });
    this.watch("Throttles", {
      metric: sum(answering.map((each) => each.metricThrottles(minutes(5)))),
      above: 0,
      says: "Requests wait for functions",
    });
    this.watch("WorkflowFailures", { metric: sum(failed, Duration.minutes(15)), above: 4, says: "Many operations fail at once" });
    this.watch("WorkflowTimeouts", { metric: sum(timedOut), above: 0, says: "A workflow ran into its own end" });
    this.watch("EventsDelayed", {
      metric: PublishEvents.metric("IteratorAge", minutes(5, Stats.MAXIMUM)),
      above: 300_000,
      says: "Events are late",
    });
    this.watch("SyncSilent", {
      metric: silence(Sync.metricInvocations(minutes(5))),
      above: 0,
      says: "Sync does not run",
      silenceIsBad: true,
    });
  }

  private watch(id: string, { metric, above, says, periods = 1, silenceIsBad = false }: Watch): void {
    const runbook = id.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();
    const alarm = new Alarm(this, id, {
      metric,
      threshold: above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: silenceIsBad ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
      alarmDescription: `${says}. What to do: docs/runbooks/${runbook}.md`,
    });
    if (this.topicArn) alarm.addAlarmAction(new SnsAction(Topic.fromTopicArn(this, `${id}Topic`, this.topicArn)));
  }
}

const backgroundSays =
  "What nobody waits for fails: Sync, CollectMetrics, RaiseAlerts, StopSearches, PublishEvents, or the end of an operation";

function sum(metrics: IMetric[], period = Duration.minutes(5)): MathExpression {
  const usingMetrics = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  return new MathExpression({ expression: "SUM(METRICS())", usingMetrics, period });
}

/** 1 where the metric counted nothing. */
const silence = (metric: IMetric): MathExpression =>
  new MathExpression({ expression: "IF(FILL(runs, 0) < 1, 1, 0)", usingMetrics: { runs: metric }, period: Duration.minutes(5) });
