import { ulid } from "ulid";
import { openApiDocument } from "../../contract/openapi.ts";
import { routeTable } from "../../contract/routes.ts";
import type { Head } from "../../domain/deployment.ts";
import type { Operation } from "../../domain/operation.ts";
import { endOperation } from "../../domain/operations.ts";
import type { Outcome } from "../../domain/words.ts";
import { readCatalogue } from "../../lambdas/api/catalogue.ts";
import { changeDeployments } from "../../lambdas/api/change-deployments.ts";
import { changePromotions } from "../../lambdas/api/change-promotions.ts";
import { changeClients, readClients } from "../../lambdas/api/clients.ts";
import { describeApi } from "../../lambdas/api/description.ts";
import { routesOf } from "../../lambdas/api/dispatch.ts";
import { changeGroups, readGroups } from "../../lambdas/api/groups.ts";
import { readLogs } from "../../lambdas/api/logs.ts";
import { readMe } from "../../lambdas/api/me.ts";
import { metricsReader } from "../../lambdas/api/metrics.ts";
import { changeModels, readModels } from "../../lambdas/api/models.ts";
import { readOperations, steerOperations } from "../../lambdas/api/operations.ts";
import { readPromotions } from "../../lambdas/api/promotions.ts";
import { readDeployments } from "../../lambdas/api/read-deployments.ts";
import { replayTriggers } from "../../lambdas/api/replay-triggers.ts";
import { readState } from "../../lambdas/api/state.ts";
import { readTriggers } from "../../lambdas/api/triggers.ts";
import { takeWebhooks } from "../../lambdas/api/webhooks.ts";
import { maskSecrets } from "../../lambdas/masking/mask-secrets.ts";
import type { LookLive } from "../../lambdas/operations/get-state.ts";
import { type AccessFigures, NoAccessLog } from "../../lambdas/ports/access-figures.ts";
import type { Cluster } from "../../lambdas/ports/cluster.ts";
import { type LogHistory, NoLogs } from "../../lambdas/ports/log-history.ts";
import type { MaskQuestion } from "../../lambdas/ports/masking.ts";
import type { AskCluster } from "../../lambdas/ports/preflight.ts";
import type { PromotionStore } from "../../lambdas/ports/promotions.ts";
import type { RecordStore } from "../../lambdas/ports/record.ts";
import type { ModelTracking, SageMakerLookups } from "../../lambdas/ports/report-lookups.ts";
import type { SecretValues } from "../../lambdas/ports/secrets.ts";
import { preflight } from "../../lambdas/preflight/preflight.ts";
import { clientTokens } from "../../lambdas/runtime/client-tokens.ts";
import { httpHandler } from "../../lambdas/runtime/http-handler.ts";
import { interpreter } from "../../lambdas/triggers/interpret.ts";
import { receiveWebhook } from "../../lambdas/triggers/receive-webhook.ts";
import { aHead } from "./deployments.ts";
import { type Ask, send } from "./http-event.ts";
import { MemoryCluster } from "./memory-cluster.ts";
import { MemoryLogExports } from "./memory-log-exports.ts";
import { MemoryLogSearches } from "./memory-log-searches.ts";
import { MemoryMetrics } from "./memory-metrics.ts";
import { MemoryPromotions, MemoryPromotionWorkflow } from "./memory-promotions.ts";
import { MemoryRecord } from "./memory-record.ts";
import { MemorySecrets } from "./memory-secrets.ts";
import { MemoryTriggers } from "./memory-triggers.ts";
import { MemoryWorkflows } from "./memory-workflows.ts";
import { quietLog } from "./quiet-log.ts";
import { TestClock } from "./test-clock.ts";

/** A whole control plane without AWS: every HTTP function over doubles, as the entries wire them. */
export function installation(over: { lookLive?: LookLive; cluster?: Cluster; history?: LogHistory; access?: AccessFigures } = {}) {
  const clock = new TestClock();
  const secrets = new MemorySecrets();
  const record = new MemoryRecord(clock, secrets);
  return installationOn({ record, secrets, promotions: new MemoryPromotions(record) }, { clock, ...over });
}

/** The same over stores of the test's own. */
export function installationOn<R extends RecordStore, S extends SecretValues, P extends PromotionStore>(
  { record, secrets, promotions }: { record: R; secrets: S; promotions: P },
  {
    clock = new TestClock(),
    lookLive = noCluster,
    cluster = new MemoryCluster(),
    history = noHistory,
    access = noAccessLog,
  }: { clock?: TestClock; lookLive?: LookLive; cluster?: Cluster; history?: LogHistory; access?: AccessFigures } = {},
) {
  const [logExports, logSearches, metrics] = [new MemoryLogExports(), new MemoryLogSearches(), new MemoryMetrics()];
  const [workflows, log] = [new MemoryWorkflows(), quietLog()];
  const gateway = aHead().place.gateway;
  const environments = {
    staging: { cluster: "local", namespace_prefix: "slipway", gateway },
    production: { cluster: "local", namespace_prefix: "slipway", gateway },
  };
  const ports = {
    record,
    promotions,
    promotionWorkflow: new MemoryPromotionWorkflow(),
    triggers: new MemoryTriggers(),
    interpret: interpreter(noReports, { tracking: notAsked, sageMaker: notAsked }),
    workflows,
    tokens: clientTokens,
    clock,
    newId: () => ulid(clock.now()),
    log: { warn: (message: string, error?: Error) => (error ? log.warn(message, error) : log.warn(message)) },
    environments,
    askCluster: ((question) => preflight(question, { clusters: async () => cluster, after: never })) as AskCluster,
    endpointBaseUrl: "https://slipway.example",
    maskSecrets: (question: MaskQuestion) => maskSecrets(question, secrets),
  };
  const routes = {
    ...routesOf<"ReadRecord">(
      {
        ...readDeployments(ports),
        ...readClients(ports),
        ...readOperations(ports),
        ...readModels(ports),
        ...readPromotions(ports),
        ...readTriggers(ports),
        ...readGroups(ports),
        ...readCatalogue,
        ...readMe,
      },
      routeTable,
      "groups",
    ),
    ...routesOf<"ChangeRecord">(
      { ...changeDeployments(ports), ...changeClients(ports), ...steerOperations(ports), ...changeModels(ports), ...changeGroups(ports) },
      routeTable,
      "groups",
    ),
    ...routesOf<"ChangePromotions">(changePromotions(ports), routeTable, "groups"),
    ...routesOf<"ReceiveReport">(replayTriggers(ports), routeTable, "groups"),
    // Without a webhook: tests of those bring their own.
    ...takeWebhooks((request) => receiveWebhook(request, { ...ports, sources: noReports, secrets: { of: async () => [] } })),
    ...routesOf<"ReadLogs">(
      readLogs({
        ...ports,
        clusters: async () => cluster,
        history,
        searches: logSearches,
        exports: logExports,
        startExport: logExports.start,
      }),
      routeTable,
      "groups",
    ),
    ...routesOf<"ReadMetrics">(metricsReader({ ...ports, store: metrics, access }), routeTable, "groups"),
    ...routesOf<"InspectCluster">(readState({ ...ports, tellLook: async () => {} }, lookLive), routeTable, "groups"),
    ...routesOf<"DescribeApi">(describeApi(JSON.stringify(openApiDocument("0.0.0"))), routeTable, ""),
  };
  const handler = httpHandler(routes, log);
  /** Sends a request as somebody with these groups. */
  const as =
    (groups: string[], sub = "ada") =>
    (route: string, ask: Omit<Ask, "route" | "claims"> = {}) =>
      send(handler, { route, ...ask, claims: { sub, groups: `[${groups.join(" ")}]` } });

  return {
    ...ports,
    secrets,
    logExports,
    logSearches,
    metrics,
    log,
    clock,
    routes,
    as,
    admin: as(["platform:admin"], "root"),
    member: as(["fraud:member", "demo:member"]),
    viewer: as(["fraud:viewer"], "vera"),
    stranger: as(["other:admin"], "mallory"),
    nobody: (route: string, ask: Omit<Ask, "route"> = {}) => send(handler, { route, ...ask }),
    /** Ends the operation under way as its workflow would; a successful rollout has the traffic. */
    end: async (operation: Pick<Operation, "id" | "uid" | "epoch">, outcome: Outcome = "SUCCEEDED", warm_seconds = 0): Promise<Head> => {
      const fence = { uid: operation.uid, operation_id: operation.id, epoch: operation.epoch };
      const slot = (await record.head(operation.uid))?.active_operation?.slot;
      const filled = slot && (await record.head(operation.uid))?.slots[slot];
      if (slot && filled && outcome === "SUCCEEDED") {
        await record.saveSlots(fence, {
          [slot]: { ...filled, role: "active", weight: 100 },
          ...(warm_seconds === 0 && { [slot === "blue" ? "green" : "blue"]: null }),
        });
        const other = (await record.head(operation.uid))?.slots[slot === "blue" ? "green" : "blue"];
        if (other) await record.saveSlots(fence, { [slot === "blue" ? "green" : "blue"]: { ...other, role: "warm", weight: 0 } });
      }
      const head = (await record.head(operation.uid)) as Head;
      const at = new Date(clock.now()).toISOString();
      return record.endOperation(
        fence,
        endOperation(head, { operation_id: operation.id, outcome, cause: null, condition: null, at, warm_seconds }),
      );
    },
  };
}
export type Installation = ReturnType<typeof installation>;

const noHistory: LogHistory = {
  all: () => {
    throw new NoLogs("/aws/containerinsights/local/application");
  },
  begin: () => Promise.reject(new NoLogs("/aws/containerinsights/local/application")),
  results: () => Promise.reject(new NoLogs("")),
  stop: async () => undefined,
};

/** A clock by which nothing is ever late. */
const never = (): Promise<void> => new Promise(() => {});

const noAccessLog: AccessFigures = { kept_days: 30, byClient: () => Promise.reject(new NoAccessLog("EndpointsAccessLogs")) };

const noReports = { webhooks: {}, sagemaker: { model_package_groups: {}, training_jobs: {} } };
const nothing = () => Promise.reject(new Error("this test has nobody to ask"));
const notAsked: ModelTracking & SageMakerLookups = {
  version: nothing,
  alias: nothing,
  trainingArtifact: nothing,
  modelPackage: nothing,
};

const noCluster: LookLive = async () => {
  throw new Error("this test has no cluster");
};
