import * as z from "zod/mini";
import { deploymentReference } from "./grammars.ts";
import { moment } from "./moment.ts";
import { digits } from "./queries.ts";
import type { RouteEntry } from "./route.ts";
import { oneOf, strict } from "./strict.ts";

/** Routes of what was counted. */

export const metricsQuery = strict({
  /** Both are the last hour's when they are not given. */
  from: z.optional(moment),
  to: z.optional(moment),
  /** Seconds of one point, whole minutes; as fits the time when it is not given. */
  step: z.optional(digits(60, 86_400).check(z.refine((seconds) => seconds % 60 === 0, "whole minutes, in seconds"))),
  by: z.optional(oneOf(["model_version", "revision", "slot", "client"], "way to part metrics")),
});

export const metricsRoutes = {
  getMetrics: {
    method: "GET",
    path: "/v1/deployments/{id}/metrics",
    summary: "Tell how many requests a deployment has answered, how well and how fast",
    tag: "metrics",
    function: "ReadMetrics",
    policy: { role: "viewer", of: "deployment" },
    params: strict({ id: deploymentReference }),
    query: metricsQuery,
    answers: { 200: "Metrics" },
  },
} as const satisfies Record<string, RouteEntry>;
