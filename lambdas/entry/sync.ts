import { promotionStore } from "../adapters/dynamodb-promotions.ts";
import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { dynamoWatches } from "../adapters/dynamodb-watches.ts";
import { eksClusters } from "../adapters/eks-clusters.ts";
import { lambdaMasking } from "../adapters/lambda-masking.ts";
import { lambdaStarts } from "../adapters/lambda-starts.ts";
import { maskedClusters } from "../adapters/masked-clusters.ts";
import { s3Evidence } from "../adapters/s3-evidence.ts";
import { stepFunctionsPromotions } from "../adapters/step-functions-promotions.ts";
import { configuredPlace } from "../operations/configured-place.ts";
import { awsSurroundings } from "../runtime/aws-surroundings.ts";
import { documentClient, stepFunctionsClient } from "../runtime/clients.ts";
import { eventHandler } from "../runtime/event-handler.ts";
import { warnings } from "../runtime/logger.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { systemClock } from "../runtime/surroundings.ts";
import { healPromotions } from "../sync/heal-promotions.ts";
import { sync } from "../sync/sync.ts";
import { operationWorkflows } from "./wiring/operation-workflows.ts";

const settings = readSettings("Sync");
const clusterNames = [...new Set(Object.values(settings.ENVIRONMENTS).map(({ cluster }) => cluster))];
const [client, stepFunctions] = [documentClient(), stepFunctionsClient()];
const ports = {
  record: dynamoRecord(client, settings.TABLE_NAME, systemClock, { configured: (of) => configuredPlace(settings.ENVIRONMENTS, of) }),
  promotions: promotionStore({ client, name: settings.TABLE_NAME }, systemClock),
  promotionWorkflow: stepFunctionsPromotions(stepFunctions, settings.PROMOTION_STATE_MACHINE_ARN),
  workflows: operationWorkflows(stepFunctions, settings),
  clusters: maskedClusters(
    // Nobody waits for it: one connection does, where two would take it longer to make than to be waited for.
    eksClusters(awsSurroundings("EKS"), 1),
    lambdaMasking(settings.MASK_SECRETS_FUNCTION_NAME, awsSurroundings("LAMBDA")),
  ),
  watches: dynamoWatches(client, settings.TABLE_NAME),
  evidence: s3Evidence(awsSurroundings("S3"), settings.EVIDENCE_BUCKET_NAME),
  startWatch: lambdaStarts(settings.WATCH_FUNCTION_NAME, awsSurroundings("LAMBDA")),
  freshness: settings.FRESHNESS,
  clock: systemClock,
  log: warnings,
};

export const handler = eventHandler(async () => {
  await healPromotions(ports);
  await sync(clusterNames, ports);
});
