import { serviceRoutes } from "../../contract/service-routes.ts";
import { describeApi } from "../api/description.ts";
import { routesOf } from "../api/dispatch.ts";
import { unknownRoute } from "../api/unknown-route.ts";
import { httpHandler } from "../runtime/http-handler.ts";
import { logger } from "../runtime/logger.ts";
import { version } from "../runtime/version.ts";

export const handler = httpHandler(routesOf<"DescribeApi">(describeApi(version), serviceRoutes, ""), logger, unknownRoute);
