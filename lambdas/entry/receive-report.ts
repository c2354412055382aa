import { replayRoutes } from "../../contract/replay-routes.ts";
import { routesOf } from "../api/dispatch.ts";
import { replayTriggers } from "../api/replay-triggers.ts";
import { httpHandler } from "../runtime/http-handler.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { reportHandling } from "./wiring/report-handling.ts";

const settings = readSettings("ReceiveReport");

export const handler = httpHandler(
  routesOf<"ReceiveReport">(replayTriggers(reportHandling(settings)), replayRoutes, settings.GROUPS_CLAIM),
);
