import { describe, expect, it } from "vitest";
import { claimTexts } from "../../../local/http-api/authorizer.ts";
import { matchRoute, type Route } from "../../../local/http-api/routes.ts";

const route = (key: string): Route => {
  const [method = "", path = ""] = key.split(" ");
  return { key, method, segments: path.split("/").slice(1), function_arn: key, timeout_ms: 1000, authorizer: null };
};
const routes = [
  "GET /v1/deployments",
  "GET /v1/deployments/{id}",
  "GET /v1/deployments/mine",
  "ANY /v1/deployments/{id}",
  "POST /v1/deployments/{id}/start",
  "GET /files/{path+}",
  "ANY /{rest+}",
].map(route);

describe("a route of the HTTP API", () => {
  it.each([
    ["GET", "/v1/deployments", "GET /v1/deployments", {}],
    ["GET", "/v1/deployments/iris", "GET /v1/deployments/{id}", { id: "iris" }],
    ["GET", "/v1/deployments/mine", "GET /v1/deployments/mine", {}],
    ["DELETE", "/v1/deployments/iris", "ANY /v1/deployments/{id}", { id: "iris" }],
    ["GET", "/v1/deployments/a%20b", "GET /v1/deployments/{id}", { id: "a b" }],
    ["POST", "/v1/deployments/iris/start", "POST /v1/deployments/{id}/start", { id: "iris" }],
    ["GET", "/files/a/b/c.txt", "GET /files/{path+}", { path: "a/b/c.txt" }],
    ["PUT", "/elsewhere", "ANY /{rest+}", { rest: "elsewhere" }],
  ])("%s %s is %s", (method, path, key, parameters) => {
    expect(matchRoute(routes, method, path)).toMatchObject({ route: { key }, parameters });
  });

  it("is $default where nothing else fits, without parameters", () => {
    const withDefault = [{ ...route("ANY /"), key: "$default" }, ...routes.slice(0, 3)];
    expect(matchRoute(withDefault, "GET", "/v1/deployments/iris")?.route.key).toBe("GET /v1/deployments/{id}");
    for (const [method, path] of [
      ["PUT", "/v1/deployments"],
      ["GET", "/"],
      ["GET", "/v1/a/b/c"],
    ] as const)
      expect(matchRoute(withDefault, method, path)).toMatchObject({ route: { key: "$default" }, parameters: {} });
  });

  it("is none where no path or method fits", () => {
    expect(matchRoute(routes.slice(0, 3), "POST", "/v1/deployments")).toBeUndefined();
    expect(matchRoute(routes.slice(0, 3), "GET", "/v1/deployments/")).toBeUndefined();
    expect(matchRoute(routes.slice(0, 3), "GET", "/v1/deployments/iris/state")).toBeUndefined();
  });
});

describe("claims of a token", () => {
  it("arrive as texts, a list in brackets without commas", () => {
    expect(
      claimTexts({ sub: "a", exp: 12, groups: ["fraud:member", "demo:viewer"], none: [], address: { city: "x" }, ok: true } as never),
    ).toEqual({
      ...{ sub: "a", exp: "12", groups: "[fraud:member demo:viewer]", none: "[]", address: '{"city":"x"}', ok: "true" },
    });
  });
});
