import { stateRoutes } from "../../contract/state-routes.ts";
import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { dynamoWatches } from "../adapters/dynamodb-watches.ts";
import { eksClusters } from "../adapters/eks-clusters.ts";
import { lambdaMasking } from "../adapters/lambda-masking.ts";
import { lambdaStarts } from "../adapters/lambda-starts.ts";
import { maskedClusters } from "../adapters/masked-clusters.ts";
import { routesOf } from "../api/dispatch.ts";
import { readState } from "../api/state.ts";
import { lookTeller } from "../operations/tell-look.ts";
import { awsSurroundings } from "../runtime/aws-surroundings.ts";
import { documentClient } from "../runtime/clients.ts";
import { httpHandler } from "../runtime/http-handler.ts";
import { warnings } from "../runtime/logger.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { systemClock } from "../runtime/surroundings.ts";
import { lookLive } from "../sync/look-live.ts";

const settings = readSettings("InspectCluster");
const tellLook = lookTeller({
  watches: dynamoWatches(documentClient(), settings.TABLE_NAME),
  startWatch: lambdaStarts(settings.WATCH_FUNCTION_NAME, awsSurroundings("LAMBDA")),
  freshness: settings.FRESHNESS,
  clock: systemClock,
  log: warnings,
});
const ports = {
  record: dynamoRecord(documentClient(), settings.TABLE_NAME, systemClock),
  clock: systemClock,
  endpointBaseUrl: settings.ENDPOINT_BASE_URL,
  tellLook,
};
const maskSecrets = lambdaMasking(settings.MASK_SECRETS_FUNCTION_NAME, awsSurroundings("LAMBDA"));
const live = { clusters: maskedClusters(eksClusters(awsSurroundings("EKS")), maskSecrets), clock: systemClock };

export const handler = httpHandler(
  routesOf<"InspectCluster">(
    readState(ports, (head, observed) => lookLive(live, head, observed)),
    stateRoutes,
    settings.GROUPS_CLAIM,
  ),
);
