import { Duration } from "aws-cdk-lib";
import { Dashboard as CloudWatchDashboard, GraphWidget, type IMetric, PeriodOverride, Stats, TextWidget } from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import type { Functions } from "./functions.ts";
import type { HttpApi } from "./http-api.ts";
import type { DeadLetterQueue } from "./toolkit/dead-letter-queue.ts";
import type { Workflows } from "./workflows.ts";

export interface DashboardProps {
  functions: Functions;
  workflows: Workflows;
  api: HttpApi;
  deadLetters: DeadLetterQueue[];
}

const each = { period: Duration.minutes(5) };
const summed = { ...each, statistic: Stats.SUM };
const most = { ...each, statistic: Stats.MAXIMUM };

/** How the control plane does, on one page. Of deployments the API tells: a metric for each would cost more than all else. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, { functions, workflows, api, deadLetters }: DashboardProps) {
    super(scope, id);
    const all = Object.values(functions);
    const { Sync, CollectMetrics, RaiseAlerts, StopSearches, PublishEvents } = functions;
    const clockwork = [Sync, CollectMetrics, RaiseAlerts, StopSearches];
    new CloudWatchDashboard(this, "Board", {
      // A week that is looked at is summed by the hour.
      periodOverride: PeriodOverride.AUTO,
      defaultInterval: Duration.hours(12),
      widgets: [
        [
          new TextWidget({
            markdown: "# Slipway: the control plane\nWhat each line means, and what to do: docs/runbooks",
            width: 24,
            height: 2,
          }),
        ],
        [
          graph("API: requests and errors", [api.metricCount(summed), api.metricClientError(summed), api.metricServerError(summed)]),
          graph("API: latency in ms", [
            api.metricLatency({ ...each, statistic: Stats.p(50) }),
            api.metricLatency({ ...each, statistic: Stats.p(99) }),
          ]),
        ],
        [
          graph(
            "Functions: errors (of AuthorizeClient: requests that are refused, too)",
            all.map((one) => one.metricErrors(summed)),
          ),
          graph(
            "Functions: throttles",
            all.map((one) => one.metricThrottles(summed)),
          ),
        ],
        [
          graph(
            "Workflows: failed",
            workflows.all.map((one) => one.metricFailed(summed)),
          ),
          graph(
            "Workflows: timed out",
            workflows.all.map((one) => one.metricTimedOut(summed)),
          ),
        ],
        [
          graph(
            "Dead letters",
            deadLetters.map((queue) => queue.metricApproximateNumberOfMessagesVisible(most)),
          ),
          graph("Events: how late, in ms", [PublishEvents.metric("IteratorAge", most)]),
        ],
        [
          graph(
            "By the clock: runs (5 in 5 minutes, or what is shown grows old)",
            clockwork.map((one) => one.metricInvocations(summed)),
          ),
          graph(
            "By the clock: how long a run takes, in ms",
            clockwork.map((one) => one.metricDuration(most)),
          ),
        ],
      ],
    });
  }
}

const graph = (title: string, left: IMetric[]): GraphWidget =>
  new GraphWidget({ title, left, width: 12, height: 6, leftYAxis: { min: 0 } });
