import { clientRoutes } from "../../contract/client-routes.ts";
import { deploymentRoutes } from "../../contract/deployment-routes.ts";
import { modelRoutes } from "../../contract/model-routes.ts";
import { promotionRoutes } from "../../contract/promotion-routes.ts";
import { serviceRoutes } from "../../contract/service-routes.ts";
import { triggerRoutes } from "../../contract/trigger-routes.ts";
import { promotionStore } from "../adapters/dynamodb-promotions.ts";
import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { triggerStore } from "../adapters/dynamodb-triggers.ts";
import { readCatalogue } from "../api/catalogue.ts";
import { readClients } from "../api/clients.ts";
import { routesOf } from "../api/dispatch.ts";
import { readGroups } from "../api/groups.ts";
import { readMe } from "../api/me.ts";
import { readModels } from "../api/models.ts";
import { readOperations } from "../api/operations.ts";
import { readPromotions } from "../api/promotions.ts";
import { readDeployments } from "../api/read-deployments.ts";
import { readTriggers } from "../api/triggers.ts";
import { documentClient } from "../runtime/clients.ts";
import { httpHandler } from "../runtime/http-handler.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { systemClock } from "../runtime/surroundings.ts";

const settings = readSettings("ReadRecord");
const client = documentClient();
const ports = {
  record: dynamoRecord(client, settings.TABLE_NAME, systemClock),
  promotions: promotionStore({ client, name: settings.TABLE_NAME }, systemClock),
  triggers: triggerStore({ client, name: settings.TABLE_NAME }),
  clock: systemClock,
  endpointBaseUrl: settings.ENDPOINT_BASE_URL,
};

export const handler = httpHandler(
  routesOf<"ReadRecord">(
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
    { ...deploymentRoutes, ...clientRoutes, ...modelRoutes, ...promotionRoutes, ...triggerRoutes, ...serviceRoutes },
    settings.GROUPS_CLAIM,
  ),
);
