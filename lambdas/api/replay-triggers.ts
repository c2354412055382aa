import { replayTrigger } from "../operations/replay-trigger.ts";
import type { Taking } from "../operations/take-trigger.ts";
import type { Handlers } from "./dispatch.ts";
import { triggerView } from "./triggers.ts";

export function replayTriggers(ports: Taking): Pick<Handlers<"ReceiveReport">, "replayTrigger"> {
  return {
    async replayTrigger({ caller, params }) {
      return { status: 200, body: triggerView(await replayTrigger(ports, caller, params.id)) };
    },
  };
}
