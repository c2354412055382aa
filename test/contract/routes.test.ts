import { describe, expect, it } from "vitest";
import type * as z from "zod";
import { answers } from "../../contract/answers.ts";
import { requestExamples } from "../../contract/examples.ts";
import { parse } from "../../contract/parse.ts";
import type { RouteEntry } from "../../contract/route.ts";
import type { OperationIdOf, RouteInput } from "../../contract/routes.ts";
import { routes, routeTable } from "../../contract/routes.ts";

describe("the route table", () => {
  it("has one operation for a method and path", () => {
    const keys = routes.map(({ method, path }) => `${method} ${path}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))("%s is whole", (_key, route) => {
    expect(route.operation_id).toMatch(
      /^(list|get|create|update|delete|start|stop|restart|rollBack|smokeTest|lift|compare|abort|promote|register|put|approve|reject|replay|receive|add|rotate|remove)[A-Z][A-Za-z]+$/,
    );
    const inPath = [...route.path.matchAll(/\{([a-z_]+)\}/g)].map((match) => match[1]);
    expect(Object.keys((route.params as z.ZodObject).shape)).toEqual(inPath);
    for (const name of Object.values(route.answers)) if (name !== null) expect(answers).toHaveProperty(name);
    expect(route.body !== undefined).toBe(route.operation_id in requestExamples);
  });

  /** Who governs decides; and who may speak at a gate, the gate itself says. */
  const special: Record<string, string> = {
    putGroup: "admin",
    putPromotionPolicy: "admin",
    approvePromotion: "viewer",
    rejectPromotion: "viewer",
    // A file of what a viewer may read anyway.
    createLogExport: "viewer",
    listTriggers: "member",
    listClients: "member",
  };

  it("lets a member change, a viewer read, and everybody only what describes the API", () => {
    for (const { operation_id, method, policy } of routes) {
      if ("signature" in policy) expect(operation_id).toBe("receiveWebhook");
      else if ("signIn" in policy) expect(["getHealth", "getOpenApi"]).toContain(operation_id);
      else expect(policy.role).toBe(special[operation_id] ?? (method === "GET" ? "viewer" : "member"));
    }
  });

  it("changes nothing by a function that may only read", () => {
    for (const { method, function: name, operation_id } of routes) {
      if (operation_id === "createLogExport") continue;
      expect(["ChangeRecord", "ChangePromotions", "ReceiveReport", "ReceiveWebhook"].includes(name)).toBe(method !== "GET");
    }
  });

  it("lets all that begins something be repeated under a key, but a webhook, which has its delivery's id", () => {
    const others = ["updateDeployment", "deleteDeployment"];
    for (const { method, headers, policy, operation_id } of routes) {
      const begins = (method === "POST" && !("signature" in policy)) || others.includes(operation_id);
      expect(headers?.includes("Idempotency-Key") ?? false).toBe(begins);
    }
  });

  it("says whose role counts in terms of what the route has", () => {
    for (const { path, body, policy } of routes) {
      if ("signIn" in policy) continue;
      if (policy.of === "deployment") expect(path).toMatch(/^\/v1\/deployments\/\{id\}/);
      if (policy.of === "operation") expect(path).toMatch(/^\/v1\/operations\/\{id\}/);
      if (policy.of === "path") expect(path).toMatch(/^\/v1\/(models\/\{group\}|groups\/\{name\})/);
      if (policy.of === "body") expect(body).toBeDefined();
    }
  });

  it("does not type-check without a policy", () => {
    const { policy: _, ...rest } = routeTable.getMe;
    // @ts-expect-error -- a route that nobody decided about must not exist
    const unguarded: RouteEntry = rest;
    expect(unguarded).not.toHaveProperty("policy");
  });

  it("types what a handler gets", () => {
    const query: RouteInput<"listDeployments">["query"] = parse(routeTable.listDeployments.query, { limit: "3" }, "query");
    const limit: number = query.limit;
    const body: RouteInput<"createModel">["body"] = { group: "demo", name: "iris", description: "" };
    const none: RouteInput<"getMe">["body"] = undefined;
    const described: OperationIdOf<"DescribeApi">[] = ["getHealth", "getOpenApi"];
    expect([limit, body.name, none, described.length]).toEqual([3, "iris", undefined, 2]);
  });
});
