import { type Stack, Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { sageMakerArns } from "./report-access.ts";
import type { ReportConfiguration } from "./report-configuration.ts";
import { functionNames } from "./toolkit/bundles.ts";

interface Acknowledgement {
  id: string;
  /** Paths of constructs below the stack. */
  at: readonly string[];
  reason: string;
}

const workflowRoles = [
  "RolloutWorkflow",
  "SmokeTestWorkflow",
  "RollbackWorkflow",
  "ShutdownWorkflow",
  "VerificationWorkflow",
  "PromotionWorkflow",
].map((name) => `${name}/Role`);
const starterRoles = [
  "ChangeRecordRole",
  "SyncRole",
  "ChangePromotionsRole",
  "DeployVersionRole",
  "CompletePromotionRole",
  "RecordPromotionFailureRole",
];
const promoterRoles = ["ChangePromotionsRole", "SyncRole", "ReceiveReportRole", "ReceiveWebhookRole", "ReceiveEventRole"];
const backgroundFunctions: readonly string[] = [
  "Sync",
  "CollectMetrics",
  "RaiseAlerts",
  "StopSearches",
  "Watch",
  "PublishEvents",
  "WriteLogExport",
  "ReceiveEvent",
];
const deadLetterQueues = [
  "EventPublisher/Undelivered",
  "SyncSchedule/Undelivered",
  "MetricsSchedule/Undelivered",
  "AlertsSchedule/Undelivered",
  "SearchesSchedule/Undelivered",
  "AlertsTopic/Undelivered",
  "ClusterWatches/Undelivered",
  "LogExports/Undelivered",
  "ReportRules/Undelivered",
];
const methodsBelow = (word: string) => ["{id}/ANY", "{id}/{path+}/ANY"].map((path) => `EndpointsApi/Default/${word}/${path}`);
const executionsOf = (workflow: string) =>
  `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:<${workflow}.Name>:*]`;

/** What cdk-nag finds and we decided to keep, with the reason. Nothing is acknowledged anywhere else. */
const acknowledgements: readonly Acknowledgement[] = [
  {
    id: "AwsSolutions-IAM5[Resource::*]",
    at: functionNames.map((name) => `${name}Role`),
    reason:
      "X-Ray's actions to send traces, CloudWatch's to tell of composite alarms, those on one's own queries of logs and Step Functions' to end a wait by its token know no resources; a unit test holds `*` to them",
  },
  {
    id: "AwsSolutions-IAM5[Resource::*]",
    at: workflowRoles,
    reason: "X-Ray's actions and those that manage the delivery of logs know no resources; a unit test holds `*` to them",
  },
  {
    id: "AwsSolutions-IAM5[Resource::<EvidenceBucketFBA44255.Arn>/*]",
    at: ["AwaitReadyRole", "ProbeServerRole", "SendSmokeTestsRole", "SyncRole", "WatchRole"],
    reason:
      "Evidence lies under the deployment and the operation or instance that it is about, which are not known before; the bucket holds nothing else",
  },
  ...["RolloutWorkflow09AFA550", "RollbackWorkflowF72BFD03", "ShutdownWorkflow4EBD2C4F", "VerificationWorkflow97F5B029"].map(
    (workflow) => ({
      id: executionsOf(workflow),
      at: starterRoles,
      reason: "Executions are named by operations, which do not exist yet; the machine is named",
    }),
  ),
  {
    id: executionsOf("PromotionWorkflow8DF8068B"),
    at: promoterRoles,
    reason: "Executions are named by promotions, which do not exist yet; the machine is named",
  },
  {
    id: executionsOf("RolloutWorkflow09AFA550"),
    at: ["PromotionWorkflow/Role"],
    reason: "A promotion waits for its own rollouts, whose executions do not exist yet; the machine is named",
  },
  {
    id: executionsOf("SmokeTestWorkflow2B9F61B7"),
    at: ["RolloutWorkflow/Role", "VerificationWorkflow/Role"],
    reason: "A rollout or verification waits for, and stops, its own smoke tests, whose executions do not exist yet; the machine is named",
  },
  {
    id: "Serverless-LambdaDLQ",
    at: functionNames.filter((name) => !backgroundFunctions.includes(name)),
    reason: "Invoked and waited for by API Gateway or Step Functions, which hears of every failure itself; nothing is queued",
  },
  {
    id: "Serverless-LambdaDLQ",
    at: backgroundFunctions,
    reason:
      "Has a queue for what fails: Sync, CollectMetrics, RaiseAlerts, StopSearches, Watch and WriteLogExport by their invocation's on-failure destination, PublishEvents by its stream mapping's",
  },
  { id: "AwsSolutions-SQS3", at: deadLetterQueues, reason: "Is itself a dead-letter queue; an alarm watches it" },
  { id: "Serverless-SQSRedrivePolicy", at: deadLetterQueues, reason: "Is itself a dead-letter queue; an alarm watches it" },
  {
    id: "AwsSolutions-IAM5[Resource::<LogExportsBucket75DB784C.Arn>/*]",
    at: ["ReadLogsRole", "WriteLogExportRole"],
    reason: "Files lie under the deployment that they are about, which is not known before; the bucket holds nothing else",
  },
  {
    id: "AwsSolutions-S1",
    at: ["LogExports/Bucket"],
    reason: "Read by signed links, which the API gives to who may read the logs and says so in its access log; gone after a week",
  },
  {
    id: "AwsSolutions-S1",
    at: ["EvidenceBucket"],
    reason: "Written by five functions and read by none; who reads by hand is in the account's CloudTrail data events, if it keeps them",
  },
  {
    id: "AwsSolutions-APIG4",
    at: ["Api/getHealth", "Api/getOpenApi"],
    reason: "Answers that the API is alive and what it looks like, to anybody, from no data (signIn: false in contract/routes.ts)",
  },
  {
    id: "AwsSolutions-APIG4",
    at: ["Api/unknownRoute"],
    reason: "Answers 404 to every path and method that is no route, from no data",
  },
  {
    id: "AwsSolutions-APIG4",
    at: ["Api/receiveWebhook"],
    reason:
      "Its sender signs each delivery itself; what is not signed is refused before it is read (signature in contract/webhook-routes.ts)",
  },
  {
    id: "AwsSolutions-APIG4",
    at: methodsBelow("endpoints"),
    reason: "Only deployments that their owners made public match the header that this front sets; others answer 404 here",
  },
  {
    id: "AwsSolutions-COG4",
    at: methodsBelow("endpoints"),
    reason: "Sign-in is by any OIDC issuer, not a user pool; public endpoints have none",
  },
  {
    id: "AwsSolutions-COG4",
    at: methodsBelow("private-endpoints"),
    reason: "Programs ask, each with a token of its own that AuthorizeClient checks, not people of a user pool",
  },
  {
    id: "AwsSolutions-APIG2",
    at: ["EndpointsApi"],
    reason: "What a valid request is, the model server knows; the gateway passes it on as it is",
  },
  {
    id: "AwsSolutions-APIG3",
    at: ["EndpointsApi/DeploymentStage.live"],
    reason: "Which web ACL fits, and whether its price is worth it, an installation decides; the stage's throttle holds until then",
  },
  {
    id: "AwsSolutions-APIG6",
    at: ["EndpointsApi/DeploymentStage.live"],
    reason: "Execution logs would hold headers and bodies of callers' requests; the access log says who asked what and how it went",
  },
  {
    id: "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]",
    at: ["EndpointsApi/CloudWatchRole"],
    reason: "The account's one role for logs of REST APIs, with the policy that API Gateway documents for it",
  },
];

/** Of each cluster of the configuration. */
const logsOf = (cluster: string): Acknowledgement => ({
  id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:/aws/containerinsights/${cluster}/application:*]`,
  at: ["ReadLogsRole", "WriteLogExportRole"],
  reason: "So IAM writes a log group; the group is named",
});

/** Of each webhook of the configuration. */
const secretOf = (webhook: string): Acknowledgement => ({
  id: "AwsSolutions-SMG4",
  at: [`ReportAccess/${webhook}`],
  reason: "The sender has to be given the same secret, which no schedule can do; docs/promotion.md says how it is changed",
});

/** Of each of SageMaker's jobs and packages that may be asked for, as findings write its ARN. */
function describedIn(reports: ReportConfiguration): Acknowledgement[] {
  const place = { PARTITION: "<AWS::Partition>", REGION: "<AWS::Region>", ACCOUNT_ID: "<AWS::AccountId>" };
  const { jobs, packages } = sageMakerArns(reports, place);
  const unbounded = [...jobs, ...packages].filter((arn) => arn.includes("*"));
  return unbounded.map((arn) => ({
    id: `AwsSolutions-IAM5[Resource::${arn}]`,
    at: ["ReceiveReportRole", "ReceiveEventRole"],
    reason: "Jobs and versions of packages do not exist yet; the configuration names what they begin with",
  }));
}

interface Configured {
  clusters: readonly string[];
  reports: ReportConfiguration;
}

export function acknowledge(stack: Stack, { clusters, reports }: Configured): void {
  const ofReports = [...Object.keys(reports.webhooks).map(secretOf), ...describedIn(reports)];
  for (const { id, at, reason } of [...acknowledgements, ...clusters.map(logsOf), ...ofReports]) {
    for (const path of at) Validations.of(find(stack, path)).acknowledge({ id, reason });
  }
}

/** Construct ids of methods hold slashes, so the longest id that fits is taken at each level. */
function find(parent: IConstruct, path: string): IConstruct {
  if (path === "") return parent;
  const child = parent.node.children
    .filter(({ node }) => path === node.id || path.startsWith(`${node.id}/`))
    .sort((a, b) => b.node.id.length - a.node.id.length)[0];
  if (!child) throw new Error(`lib/acknowledgements.ts names ${path}, which is not below ${parent.node.path}`);
  return find(child, path.slice(child.node.id.length + 1));
}
