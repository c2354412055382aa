import { descriptionRoutes } from "../../contract/description-routes.ts";
import { describeApi } from "../api/description.ts";
import { routesOf } from "../api/dispatch.ts";
import { unknownRoute } from "../api/unknown-route.ts";
import { apiDocument } from "../runtime/api-document.ts";
import { httpHandler } from "../runtime/http-handler.ts";
import { logger } from "../runtime/logger.ts";

export const handler = httpHandler(
  routesOf<"DescribeApi">(describeApi(apiDocument), descriptionRoutes, ""),
  logger,
  unknownRoute(apiDocument),
);
