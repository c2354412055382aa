import { triggerList } from "./list-queries.ts";
import { noParameters, type RouteEntry } from "./route.ts";

/** Routes that read what other systems report. */
export const triggerRoutes = {
  listTriggers: {
    method: "GET",
    path: "/v1/triggers",
    summary: "List what came in from other systems and what became of it, newest first",
    tag: "triggers",
    function: "ReadRecord",
    policy: { role: "member", of: "any" },
    params: noParameters,
    query: triggerList,
    answers: { 200: "TriggerList" },
  },
} as const satisfies Record<string, RouteEntry>;
