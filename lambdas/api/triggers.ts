import type { Answer } from "../../contract/answers.ts";
import type { Trigger } from "../../domain/trigger.ts";
import type { Reading } from "../operations/installation.ts";
import { listTriggers } from "../operations/read-triggers.ts";
import type { TriggerStore } from "../ports/triggers.ts";
import type { Handlers } from "./dispatch.ts";

export function readTriggers(ports: Reading & { triggers: TriggerStore }): Pick<Handlers<"ReadRecord">, "listTriggers"> {
  return {
    async listTriggers({ caller, query: { group, ...page } }) {
      const { items, ...next } = await listTriggers(ports, caller, group, page);
      return { status: 200, body: { items: items.map(triggerView), ...next } };
    },
  };
}

/** Without what came in: it may hold more than the reader of a list should see. */
export function triggerView({ payload: _payload, key: _key, ...shown }: Trigger): Answer<"Trigger"> {
  return shown;
}
