import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { routes as contractRoutes } from "../contract/routes.ts";
import { acknowledge } from "./acknowledgements.ts";
import { Alarms } from "./alarms.ts";
import { AlertsTopic } from "./alerts-topic.ts";
import { ClusterWatches } from "./cluster-watches.ts";
import { Clusters } from "./clusters.ts";
import type { Configuration } from "./configuration.ts";
import { Dashboard } from "./dashboard.ts";
import { EndpointsApi } from "./endpoints-api.ts";
import { SlipwayBus } from "./event-bus.ts";
import { EventPublisher } from "./event-publisher.ts";
import { EvidenceBucket } from "./evidence-bucket.ts";
import { serviceFunctions } from "./functions.ts";
import { type ApiRoute, HttpApi } from "./http-api.ts";
import { LogExports } from "./log-exports.ts";
import { MetricsTable } from "./metrics-table.ts";
import { MinuteSchedule } from "./minute-schedule.ts";
import { RecordTable } from "./record-table.ts";
import { ReportAccess } from "./report-access.ts";
import { ReportRules } from "./report-rules.ts";
import { SecretsTable } from "./secrets-table.ts";
import type { Bundles } from "./toolkit/bundles.ts";
import { Workflows } from "./workflows.ts";

export interface ControlPlaneStackProps extends StackProps {
  configuration: Configuration;
  bundles: Bundles;
  /** The contract's, unless a test says otherwise. */
  routes?: readonly ApiRoute[];
}

/** The whole control plane, and who in it may do what. */
export class ControlPlaneStack extends Stack {
  constructor(scope: Construct, id: string, { configuration, bundles, routes = contractRoutes, ...props }: ControlPlaneStackProps) {
    super(scope, id, props);
    const { log_retention_days, endpoints, sign_in: signIn } = configuration;

    const record = new RecordTable(this, "RecordTable");
    const secrets = new SecretsTable(this, "SecretsTable");
    const metrics = new MetricsTable(this, "MetricsTable");
    const evidence = new EvidenceBucket(this, "EvidenceBucket");
    const bus = new SlipwayBus(this, "EventBus");
    const clusters = new Clusters(this, "Clusters", configuration);
    const functions = serviceFunctions(this, bundles, log_retention_days);
    const workflows = new Workflows(this, functions, log_retention_days);
    const endpointsApi = new EndpointsApi(this, "EndpointsApi", {
      ...{ endpoints, log_retention_days },
      authorizer: functions.AuthorizeClient,
    });
    const api = new HttpApi(this, "Api", { routes, functions, signIn, log_retention_days });

    const { ReadRecord, ChangeRecord, Preflight, InspectCluster, ReadLogs, WriteLogExport, Sync, Watch, PublishEvents } = functions;
    const { MaskSecrets, StopSearches, AuthorizeClient } = functions;
    const { ReadMetrics, CollectMetrics, RaiseAlerts } = functions;
    const { Prepare, ProvisionSlot, AwaitReady, ProbeServer, SendSmokeTests, ShiftTraffic, Bake, Complete } = functions;
    const { ChangePromotions, ResolveVersion, DeployVersion, RecordVerification, OpenGate, AwaitApproval } = functions;
    const { ReceiveReport, ReceiveWebhook, ReceiveEvent, CompletePromotion, RecordPromotionFailure } = functions;
    const { EnsureCapacity, TakeRouteAway, RetireSlot, RecordFailure, CompleteShutdown } = functions;

    for (const reader of [ReadRecord, InspectCluster, ReadLogs, ReadMetrics]) record.grantRead(reader);
    record.grantList(ReadRecord);
    record.grantWrite(ChangeRecord);
    const testers = [ProbeServer, SendSmokeTests];
    const movers = [Prepare, ProvisionSlot, EnsureCapacity, ShiftTraffic, TakeRouteAway, RetireSlot];
    for (const step of [AwaitReady, Bake, ...testers, ...movers]) record.grantWrite(step);
    for (const ender of [Complete, RecordFailure, CompleteShutdown, Sync, Watch, RaiseAlerts]) record.grantWrite(ender);
    for (const finder of [Sync, RaiseAlerts]) record.grantFindByCluster(finder);
    record.grantTellLook(InspectCluster);
    record.grantAwaitSearches(ReadLogs);
    record.grantTakeSearches(StopSearches);
    record.grantAuthorize(AuthorizeClient);
    for (const remover of [ChangeRecord, CompleteShutdown]) record.grantRemoveClients(remover);

    const enders = [CompletePromotion, RecordPromotionFailure, ChangePromotions];
    const takers = [ReceiveReport, ReceiveWebhook, ReceiveEvent];
    record.grantRead(ResolveVersion);
    for (const step of [DeployVersion, RecordVerification, OpenGate, AwaitApproval]) record.grantWrite(step);
    for (const ender of [...enders, ...takers]) record.grantEndPromotion(ender);

    secrets.grantStore(ChangeRecord);
    secrets.grantStore(DeployVersion);
    for (const knower of [ProvisionSlot, MaskSecrets]) secrets.grantReveal(knower);
    // Who keeps or tells what programs have written may not read their secrets: it asks who may, and gets the text without them.
    const tellers = [InspectCluster, ReadLogs, WriteLogExport];
    for (const keeper of [AwaitReady, Bake, Sync, Watch, ...testers, ...tellers]) {
      keeper.set("MASK_SECRETS_FUNCTION_NAME", MaskSecrets.functionName).may(["lambda:InvokeFunction"], [MaskSecrets.functionArn]);
    }
    secrets.grantForget(CompleteShutdown);
    for (const witness of [AwaitReady, Sync, Watch, ...testers]) evidence.grantKeep(witness);

    metrics.grantKeep(CollectMetrics);
    for (const reader of [ReadMetrics, RaiseAlerts]) metrics.grantRead(reader);

    const logExports = new LogExports(this, "LogExports", WriteLogExport);
    for (const starter of [ChangeRecord, DeployVersion, Sync, ...enders]) {
      workflows.grantStart(starter);
      workflows.grantStop(starter);
    }
    workflows.grantFollow(Sync);
    for (const promoter of [ChangePromotions, Sync, ...takers]) workflows.grantPromote(promoter);
    Workflows.grantWake(AwaitApproval);

    for (const looker of [InspectCluster, ReadLogs, AwaitReady, Bake, Sync, Watch, CollectMetrics]) clusters.grantReader(looker);
    clusters.grantLogSearch(ReadLogs);
    Clusters.grantStopSearch(StopSearches);
    clusters.grantLogRead(WriteLogExport);
    logExports.grantOffer(ReadLogs);
    for (const mover of movers) clusters.grantWriter(mover);
    clusters.grantPreflight(Preflight);
    ChangeRecord.set("PREFLIGHT_FUNCTION_NAME", Preflight.functionName).may(["lambda:InvokeFunction"], [Preflight.functionArn]);
    // Alarms may be of any name, and composite ones are told only to those who may ask for all.
    Bake.may(["cloudwatch:DescribeAlarms"], ["*"]);
    for (const asker of [...testers, Bake, ShiftTraffic, TakeRouteAway, CollectMetrics, Watch]) clusters.grantProber(asker);
    for (const listener of [ChangeRecord, Sync, DeployVersion, CollectMetrics, RaiseAlerts]) clusters.introduce(listener);
    for (const speaker of [ReadRecord, ChangeRecord, InspectCluster, DeployVersion]) endpointsApi.introduce(speaker);
    endpointsApi.grantReadLog(ReadMetrics);

    bus.grantPublish(PublishEvents);
    const publisher = new EventPublisher(this, "EventPublisher", PublishEvents, record);
    const schedule = new MinuteSchedule(this, "SyncSchedule", Sync);
    const collecting = new MinuteSchedule(this, "MetricsSchedule", CollectMetrics);
    const judging = new MinuteSchedule(this, "AlertsSchedule", RaiseAlerts);
    const stopping = new MinuteSchedule(this, "SearchesSchedule", StopSearches);
    const watches = new ClusterWatches(this, "ClusterWatches", Watch, configuration.freshness);
    for (const starter of [InspectCluster, Sync]) watches.grantStart(starter);

    const access = new ReportAccess(this, "ReportAccess", configuration.reports);
    for (const taker of takers) access.introduce(taker);
    for (const asker of [ReceiveReport, ReceiveWebhook]) access.grantTrack(asker);
    for (const asker of [ReceiveReport, ReceiveEvent]) access.grantDescribe(asker);
    access.grantVerify(ReceiveWebhook);
    const reports = new ReportRules(this, "ReportRules", { receiver: ReceiveEvent, bus, configuration: configuration.reports });
    const alerts = new AlertsTopic(this, "AlertsTopic", bus);
    const keepers = [reports, publisher, schedule, collecting, judging, stopping, alerts, watches, logExports];
    const deadLetters = keepers.map(({ undelivered }) => undelivered);
    new Dashboard(this, "Dashboard", { functions, workflows, api, deadLetters });
    new Alarms(this, "Alarms", { functions, workflows, api, deadLetters, topic_arn: configuration.alarms.topic_arn });

    new CfnOutput(this, "ApiUrl", { value: api.apiEndpoint, description: "The API" });
    new CfnOutput(this, "EndpointsUrl", {
      value: endpointsApi.baseUrl,
      description: "URL before /endpoints/{id} and /private-endpoints/{id}",
    });
    new CfnOutput(this, "EventBusName", { value: bus.eventBusName, description: "Where events are heard and told" });
    new CfnOutput(this, "AlertsTopicArn", { value: alerts.topicArn, description: "Tells of deployments that miss their objectives" });
    new CfnOutput(this, "RecordTableName", { value: record.tableName, description: "The record" });
    acknowledge(this, { clusters: Object.keys(configuration.clusters), reports: configuration.reports });
  }
}
