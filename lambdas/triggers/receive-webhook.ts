import { Problem } from "../../domain/errors.ts";
import type { ReportSources, WebhookSource } from "../../domain/report-sources.ts";
import type { Trigger } from "../../domain/trigger.ts";
import { type Taking, takeTrigger } from "../operations/take-trigger.ts";
import type { WebhookSecrets } from "../ports/report-lookups.ts";
import type { HttpRequest } from "../runtime/http-handler.ts";
import { deliveryFault, isSigned, type SignedDelivery } from "./signature.ts";

export interface WebhookPorts extends Taking {
  sources: ReportSources;
  secrets: WebhookSecrets;
}

/**
 * What its sender has signed is kept, and answered with what became of it; a second delivery has no effect. What is not
 * signed is refused before it is read, and nothing of it is kept.
 */
export async function receiveWebhook(request: HttpRequest, ports: WebhookPorts): Promise<Trigger> {
  const name = request.parameters.source ?? "";
  const source = configured(ports.sources, name);
  const delivery = { ...signatureOf(source, request.headers), bytes: request.bytes };
  await requireSigned(name, delivery, ports);
  const payload = readObject(request.body);
  const group = source.kind === "mlflow" ? source.group : null;
  return takeTrigger(ports, { source: name, kind: kindOf(source, payload), key: delivery.id, payload, group });
}

function configured({ webhooks }: ReportSources, name: string): WebhookSource {
  const source = Object.hasOwn(webhooks, name) ? webhooks[name] : undefined;
  if (source) return source;
  throw new Problem("not-found", `there is no webhook ${name.slice(0, 64)}: configure it under reports.webhooks`);
}

/** MLflow has names of its own for the headers; everybody else goes by Standard Webhooks. */
const headerNames = {
  mlflow: ["x-mlflow-delivery-id", "x-mlflow-timestamp", "x-mlflow-signature"],
  generic: ["webhook-id", "webhook-timestamp", "webhook-signature"],
} as const;

function signatureOf({ kind }: WebhookSource, headers: Record<string, string>): Omit<SignedDelivery, "bytes"> {
  const [id = "", timestamp = "", signatures = ""] = headerNames[kind].map((name) => headers[name] ?? "");
  return { id, timestamp, signatures };
}

/** A sender that has just been given another secret is believed at once: then the secret is looked at again. */
async function requireSigned(name: string, delivery: SignedDelivery, { sources, secrets, clock }: WebhookPorts): Promise<void> {
  const fault = deliveryFault(delivery, clock.now());
  if (fault) throw refused(name, sources, fault);
  if (isSigned(delivery, await secrets.of(name)) || isSigned(delivery, await secrets.of(name, true))) return;
  throw refused(name, sources, "its signature is not that of its id, timestamp and body under this webhook's secret");
}

function refused(name: string, { webhooks }: ReportSources, fault: string): Problem {
  const [id, timestamp, signature] = headerNames[webhooks[name]?.kind ?? "generic"];
  const how = `${signature} is v1, and the base64 of HMAC-SHA256 over "{${id}}.{${timestamp}}.{body}", under the secret slipway/webhooks/${name}`;
  return new Problem("unauthenticated", `the delivery is not to be believed: ${fault}. ${how}`);
}

function readObject(body: unknown): Record<string, unknown> {
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw new Problem("invalid-input", "the body has to be one JSON object", { errors: [{ path: "", message: "one JSON object" }] });
}

function kindOf({ kind }: WebhookSource, { entity, action }: Record<string, unknown>): string {
  return kind === "mlflow" ? `${String(entity).slice(0, 64)}.${String(action).slice(0, 64)}`.toWellFormed() : "Model Version Registered";
}
