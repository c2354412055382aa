import { webhookSecrets } from "../adapters/webhook-secrets.ts";
import { takeWebhooks } from "../api/webhooks.ts";
import { secretsManagerClient } from "../runtime/clients.ts";
import { httpHandler } from "../runtime/http-handler.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { systemClock } from "../runtime/surroundings.ts";
import { receiveWebhook } from "../triggers/receive-webhook.ts";
import { reportHandling } from "./wiring/report-handling.ts";

const settings = readSettings("ReceiveWebhook");
const ports = {
  ...reportHandling(settings),
  sources: settings.REPORTS,
  secrets: webhookSecrets(secretsManagerClient(), systemClock),
};

export const handler = httpHandler(takeWebhooks((request) => receiveWebhook(request, ports)));
