import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { eksClusters } from "../adapters/eks-clusters.ts";

import { routesOf } from "../api/dispatch.ts";
import { readState } from "../api/state.ts";
import { awsSurroundings } from "../runtime/aws-surroundings.ts";
import { documentClient } from "../runtime/clients.ts";
import { httpHandler } from "../runtime/http-handler.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { systemClock } from "../runtime/surroundings.ts";
import { lookLive } from "../sync/look-live.ts";

const settings = readSettings("InspectCluster");
const ports = { record: dynamoRecord(documentClient(), settings.TABLE_NAME, systemClock), clock: systemClock };
const live = { clusters: eksClusters(awsSurroundings("EKS")), clock: systemClock };

export const handler = httpHandler(
  routesOf<"InspectCluster">(
    readState(ports, (head, observed) => lookLive(live, head, observed)),
    settings.GROUPS_CLAIM,
  ),
);
