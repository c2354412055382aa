import type { Answer } from "../../contract/answers.ts";
import { webhookRoutes } from "../../contract/webhook-routes.ts";
import type { Trigger } from "../../domain/trigger.ts";
import type { Reading } from "../operations/installation.ts";
import { listTriggers, replayTrigger } from "../operations/read-triggers.ts";
import type { Taking } from "../operations/take-trigger.ts";
import type { TriggerStore } from "../ports/triggers.ts";
import type { HttpRequest, HttpRoute } from "../runtime/http-handler.ts";
import type { Handlers } from "./dispatch.ts";

export function readTriggers(ports: Reading & { triggers: TriggerStore }): Pick<Handlers<"ReadRecord">, "listTriggers"> {
  return {
    async listTriggers({ caller, query: { group, ...page } }) {
      const { items, ...next } = await listTriggers(ports, caller, group, page);
      return { status: 200, body: { items: items.map(triggerView), ...next } };
    },
  };
}

export function replayTriggers(ports: Taking): Pick<Handlers<"ReceiveReport">, "replayTrigger"> {
  return {
    async replayTrigger({ caller, params }) {
      return { status: 200, body: triggerView(await replayTrigger(ports, caller, params.id)) };
    },
  };
}

/** The route of signed deliveries: `receive` looks at the signature before anything else of the request. */
export function takeWebhooks(receive: (request: HttpRequest) => Promise<Trigger>): Record<string, HttpRoute> {
  const { method, path } = webhookRoutes.receiveWebhook;
  return { [`${method} ${path}`]: async (request) => ({ status: 200, body: triggerView(await receive(request)) }) };
}

/** Without what came in: it may hold more than the reader of a list should see. */
export function triggerView({ payload: _payload, key: _key, ...shown }: Trigger): Answer<"Trigger"> {
  return shown;
}
