import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { FunctionName } from "../lambdas/runtime/settings.ts";
import type { Bundles } from "./toolkit/bundles.ts";
import { ServiceFunction } from "./toolkit/service-function.ts";

interface Size {
  description: string;
  /** A step's is not above the TimeoutSeconds of its Task, so that the function's own error is the one that is seen. */
  timeout_seconds: number;
  /** 1,769 MB is one whole processor: cold start and TLS are faster with more, at the same price per work done. */
  memory_mb: number;
  reserved_executions?: number;
}

/** API Gateway gives up after 30 s; `?wait=25` holds an answer for 25. */
const http = { timeout_seconds: 29, memory_mb: 768 };
const short = { timeout_seconds: 30, memory_mb: 512 };

const sizes: Record<FunctionName, Size> = {
  DescribeApi: { ...http, description: "Says that it is alive, and what the API looks like" },
  ReadRecord: { ...http, description: "Answers from the record" },
  ChangeRecord: { ...http, description: "Changes the record and starts what follows from it" },
  Preflight: { timeout_seconds: 15, memory_mb: 1024, description: "Asks a cluster what would come of a request" },
  MaskSecrets: { ...short, description: "Masks secrets in what programs have written" },
  ChangePromotions: { ...http, description: "Begins promotions, and takes people's word at their gates" },
  ReceiveReport: { ...http, description: "Looks at triggers once more" },
  // Open to everybody: whoever floods it must not take the executions of the others.
  ReceiveWebhook: { ...http, reserved_executions: 10, description: "Takes what other systems report by signed webhooks" },
  // A burst of reports waits its turn: all that are of one model want the same lane.
  ReceiveEvent: { ...short, reserved_executions: 10, description: "Takes what other systems report by events" },
  // On the way of each request to a private deployment: neither may the control plane take its executions, nor it theirs.
  AuthorizeClient: {
    timeout_seconds: 10,
    memory_mb: 512,
    reserved_executions: 100,
    description: "Says which client asks a private deployment",
  },
  InspectCluster: { ...http, description: "Answers from the cluster as it is now" },
  ReadLogs: { ...http, description: "Answers what deployments have written" },
  StopSearches: { ...short, reserved_executions: 1, description: "Stops searches of logs that nobody asks for any more" },
  WriteLogExport: { timeout_seconds: 870, memory_mb: 512, description: "Writes what a deployment has written into a file" },
  ReadMetrics: { ...http, description: "Answers what gateways have counted for deployments" },
  // As Sync, it is done before the next tick.
  CollectMetrics: { timeout_seconds: 55, memory_mb: 512, reserved_executions: 1, description: "Keeps what gateways have counted" },
  RaiseAlerts: { timeout_seconds: 55, memory_mb: 512, reserved_executions: 1, description: "Holds deployments to their objectives" },
  Prepare: { timeout_seconds: 60, memory_mb: 512, description: "Makes the namespace and claims the route" },
  ProvisionSlot: { timeout_seconds: 60, memory_mb: 512, description: "Creates what a revision runs as" },
  AwaitReady: { timeout_seconds: 870, memory_mb: 512, description: "Watches a slot until it is ready or has failed" },
  ProbeServer: { timeout_seconds: 120, memory_mb: 512, description: "Asks the new model server whether it is live and ready" },
  SendSmokeTests: { timeout_seconds: 300, memory_mb: 512, description: "Sends the revision's own test requests" },
  // Room for the longest `settle_seconds` and `register_seconds` of a gateway after all other waits.
  ShiftTraffic: { timeout_seconds: 870, memory_mb: 512, description: "Moves the route and waits until the gateway serves it" },
  EnsureCapacity: { timeout_seconds: 300, memory_mb: 512, description: "Makes a slot that is kept warm able to carry the traffic" },
  Bake: { timeout_seconds: 870, memory_mb: 512, description: "Judges a slot that has a part of the traffic" },
  Complete: { ...short, description: "Ends an operation that succeeded" },
  TakeRouteAway: { timeout_seconds: 600, memory_mb: 512, description: "Ends all traffic to a deployment" },
  RetireSlot: { timeout_seconds: 120, memory_mb: 512, description: "Removes what a slot ran as" },
  RecordFailure: { ...short, description: "Ends an operation that failed, with its cause" },
  CompleteShutdown: { ...short, description: "Ends a stop or a delete" },
  // Ends before the next tick: with one execution at a time, that tick would otherwise wait and be reported as lost.
  Sync: { timeout_seconds: 55, memory_mb: 1024, reserved_executions: 1, description: "Keeps the record true to the clusters" },
  // Lambda's longest, but for the time to hand over in. It holds every object of ours in a cluster.
  Watch: { timeout_seconds: 870, memory_mb: 512, description: "Watches a cluster and writes what changes" },
  ResolveVersion: { ...short, description: "Looks at the version that is to be promoted" },
  DeployVersion: { timeout_seconds: 60, memory_mb: 512, description: "Creates or updates the deployment of a promotion's stage" },
  RecordVerification: { ...short, description: "Marks a version as verified in staging" },
  OpenGate: { ...short, description: "Says whether a version may go on to production" },
  AwaitApproval: { ...short, description: "Keeps the token of a gate that waits for a person" },
  CompletePromotion: { ...short, description: "Ends a promotion that succeeded" },
  RecordPromotionFailure: { ...short, description: "Ends a promotion that failed, with its cause" },
  PublishEvents: { timeout_seconds: 60, memory_mb: 512, description: "Puts the record's events on the bus" },
};

export type Functions = Record<FunctionName, ServiceFunction>;

/** One function per set of permissions; what each may do, the grants say that follow in the stack. */
export function serviceFunctions(scope: Construct, bundles: Bundles, log_retention_days: RetentionDays): Functions {
  const make = ([name, size]: [string, Size]) => {
    const id = name as FunctionName;
    return [id, new ServiceFunction(scope, id, { ...size, bundle: bundles(id), log_retention_days })] as const;
  };
  return Object.fromEntries(Object.entries(sizes).map(make)) as Functions;
}
