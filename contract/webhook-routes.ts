import * as queries from "./queries.ts";
import type { RouteEntry } from "./route.ts";
import { strict } from "./strict.ts";
import { webhookDelivery, webhookName } from "./webhooks.ts";

/** Where registries and CI report to. */
export const webhookRoutes = {
  receiveWebhook: {
    method: "POST",
    path: "/v1/webhooks/{source}",
    summary: "Take what a registry or CI reports, signed by it; a second delivery of the same has no effect",
    tag: "triggers",
    function: "ReceiveWebhook",
    policy: { signIn: false, signature: "webhook" },
    params: strict({ source: webhookName }),
    query: queries.none,
    body: webhookDelivery,
    answers: { 200: "Trigger" },
  },
} as const satisfies Record<string, RouteEntry>;
