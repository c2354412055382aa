import { webhookRoutes } from "../../contract/webhook-routes.ts";
import type { Trigger } from "../../domain/trigger.ts";
import type { HttpRequest, HttpRoute } from "../runtime/http-handler.ts";
import { triggerView } from "./triggers.ts";

/** The route of signed deliveries: `receive` looks at the signature before anything else of the request. */
export function takeWebhooks(receive: (request: HttpRequest) => Promise<Trigger>): Record<string, HttpRoute> {
  const { method, path } = webhookRoutes.receiveWebhook;
  return { [`${method} ${path}`]: async (request) => ({ status: 200, body: triggerView(await receive(request)) }) };
}
