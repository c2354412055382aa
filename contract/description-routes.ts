import { noParameters, type RouteEntry } from "./route.ts";

/** Routes of what the service says of itself. They name no other route's schemas: who asks whether it is there waits for none of them. */

const anyone = { signIn: false } as const;

export const descriptionRoutes = {
  getHealth: {
    method: "GET",
    path: "/v1/healthz",
    summary: "Say that the API answers",
    tag: "service",
    function: "DescribeApi",
    policy: anyone,
    params: noParameters,
    query: noParameters,
    answers: { 200: "Healthz" },
  },
  getOpenApi: {
    method: "GET",
    path: "/v1/openapi.json",
    summary: "Get this description",
    tag: "service",
    function: "DescribeApi",
    policy: anyone,
    params: noParameters,
    query: noParameters,
    answers: { 200: "OpenApi" },
  },
} as const satisfies Record<string, RouteEntry>;
