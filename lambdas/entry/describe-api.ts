import { describeApi } from "../api/description.ts";
import { routesOf } from "../api/dispatch.ts";
import { httpHandler } from "../runtime/http-handler.ts";
import { version } from "../runtime/version.ts";

export const handler = httpHandler(routesOf<"DescribeApi">(describeApi(version), ""));
