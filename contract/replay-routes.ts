import { ulid } from "./grammars.ts";
import * as queries from "./queries.ts";
import type { RouteEntry } from "./route.ts";
import { strict } from "./strict.ts";

/** The route that has a report handled once more: its function makes no schema of what only reads. */
export const replayRoutes = {
  replayTrigger: {
    method: "POST",
    path: "/v1/triggers/{id}/replay",
    summary: "Look at a trigger once more; what it has done already it does not do again",
    tag: "triggers",
    function: "ReceiveReport",
    policy: { role: "member", of: "trigger" },
    headers: ["Idempotency-Key"],
    params: strict({ id: ulid }),
    query: queries.none,
    answers: { 200: "Trigger" },
  },
} as const satisfies Record<string, RouteEntry>;
