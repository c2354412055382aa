import { beforeEach, describe, expect, it } from "vitest";
import { type AnswerName, answers } from "../../contract/answers.ts";
import { routes } from "../../contract/routes.ts";
import { WorkflowError } from "../../domain/errors.ts";
import { KubernetesError } from "../../lambdas/ports/cluster.ts";
import { anObservation } from "../doubles/deployments.ts";
import { type Installation, installation } from "../doubles/installation.ts";
import { aTrigger } from "../doubles/memory-triggers.ts";

let system: Installation;
let uid: string;
let operation: string;
let madeExport: string;
let promotion: string;
const trigger = "01JD00000000000000000000T1";
beforeEach(async () => {
  system = installation();
  await system.member("POST /v1/models", { body: { group: "fraud", name: "card-fraud" } });
  await system.member("POST /v1/models/{group}/{name}/versions", { parameters: model, body: { artifact_uri: "s3://models/1" } });
  const created = await system.member("POST /v1/deployments", {
    body: {
      group: "fraud",
      name: "Card scorer",
      environment: "production",
      access: "public",
      predictor: { runtime: "onnx", model: { name: "card-fraud", version: 1 } },
    },
  });
  ({ uid } = created.body.deployment);
  operation = created.body.operation.id;
  madeExport = (await system.viewer("POST /v1/deployments/{id}/logs/exports", { parameters: { id: "card-scorer" }, body: {} })).body.id;
  await system.admin("PUT /v1/models/{group}/{name}/promotion-policy", {
    parameters: model,
    body: { staging: { specification: { access: "public", predictor: { runtime: "onnx" } } } },
  });
  const promoted = await system.member("POST /v1/models/{group}/{name}/versions/{version}/promotions", {
    parameters: { ...model, version: "1" },
    body: { environment: "staging" },
  });
  promotion = promoted.body.promotion.id;
  await system.triggers.accept(aTrigger({ id: trigger, group: "fraud" }));
});
const model = { group: "fraud", name: "card-fraud" };

/** Parameters by which each route is asked for what exists. */
const parametersOf = (path: string): Record<string, string> => {
  if (path.includes("/versions/{version}")) return { ...model, version: "1" };
  if (path.includes("{group}")) return model;
  if (path.startsWith("/v1/promotions/")) return { id: promotion };
  if (path.startsWith("/v1/triggers/")) return { id: trigger };
  if (path.startsWith("/v1/operations")) return { id: operation };
  if (path === "/v1/groups/{name}") return { name: "fraud" };
  if (path.includes("{a}")) return { id: "card-scorer", a: "1", b: "1" };
  if (path.includes("{export}")) return { id: "card-scorer", export: madeExport };
  if (path.includes("/clients/{name}")) return { id: "card-scorer", name: "checkout" };
  if (path.includes("{revision}")) return { id: "card-scorer", revision: "1" };
  return path.includes("{id}") ? { id: "card-scorer" } : {};
};
const reading = routes.filter(({ method }) => method === "GET");

describe("every route", () => {
  it("has a handler, and there is no other", () => {
    expect(Object.keys(system.routes).sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
  });

  it.each(reading.map((route) => [`${route.method} ${route.path}`, route] as const))("%s answers in its own shape", async (key, route) => {
    const answer = await system.member(key, { parameters: parametersOf(route.path) });
    expect(answer.status).toBe(200);
    expect(answers[route.answers[200] as AnswerName].safeParse(answer.body).error).toBeUndefined();
  });

  const guarded = routes.filter(({ policy }) => "role" in policy && policy.of !== "any" && policy.of !== "body");
  it.each(guarded.map((route) => [`${route.method} ${route.path}`, route] as const))(
    "%s does not exist for a stranger",
    async (key, route) => {
      const isPlatform = "of" in route.policy && route.policy.of === "platform";
      const ask = { parameters: parametersOf(route.path), query: queryOf(key), ...bodyOf(key) };
      const answer = await system.stranger(key, ask);
      expect(answer.status).toBe(isPlatform ? 403 : 404);
      if (isPlatform) return;
      const missing = {
        ...ask,
        parameters: Object.fromEntries(Object.entries(ask.parameters).map(([name, value]) => [name, nameless(name, value)])),
      };
      const words = (text: string, parameters: Record<string, string>) =>
        Object.values(parameters)
          .toSorted((a, b) => b.length - a.length)
          .reduce((rest, value) => rest.replaceAll(value, "…"), text);
      const absent = await system.stranger(key, missing);
      expect(words(answer.body.detail, ask.parameters)).toBe(words(absent.body.detail, missing.parameters));
    },
  );

  /** Nothing that exists is changed by a viewer. */
  const changing = routes.filter(
    ({ policy, method }) => method !== "GET" && "role" in policy && policy.role !== "viewer" && policy.of !== "platform",
  );
  it.each(changing.map((route) => [`${route.method} ${route.path}`, route] as const))("%s is forbidden to a viewer", async (key, route) => {
    const ask = { parameters: parametersOf(route.path), query: queryOf(key), ...bodyOf(key) };
    expect(await system.viewer(key, ask)).toMatchObject({ status: 403, body: { code: "forbidden" } });
  });

  it.each(routes.filter(({ policy }) => "role" in policy).map(({ method, path }) => [`${method} ${path}`, path] as const))(
    "%s wants somebody to be signed in",
    async (key, path) => {
      expect(await system.nobody(key, { parameters: parametersOf(path), ...bodyOf(key) })).toMatchObject({
        status: 401,
        body: { code: "unauthenticated" },
      });
    },
  );

  it.each(reading.map(({ method, path }) => [`${method} ${path}`, path] as const))(
    "%s refuses a parameter that it does not know",
    async (key, path) => {
      expect(await system.member(key, { parameters: parametersOf(path), query: { colour: "red" } })).toMatchObject({ status: 400 });
    },
  );
});

const queryOf = (key: string): Record<string, string> => (key === "DELETE /v1/deployments/{id}" ? { name: "Card scorer" } : {});
const bodyOf = (key: string): { body?: unknown } => {
  const specification = { group: "fraud", name: "Other", environment: "production", access: "public", predictor: { image: "me/server:1" } };
  if (key === "POST /v1/deployments") return { body: specification };
  if (key === "POST /v1/models") return { body: { group: "fraud", name: "rose" } };
  if (key.startsWith("POST") && key.endsWith("/versions")) return { body: { artifact_uri: "s3://models/2" } };
  if (key === "POST /v1/deployments/{id}/clients") return { body: { name: "web" } };
  if (key.endsWith("/promotions")) return { body: { environment: "staging" } };
  if (key.startsWith("PATCH")) return { body: { description: "x" } };
  return {};
};
const nameless = (name: string, value: string) =>
  ["version", "revision", "a", "b"].includes(name) ? value : /^[0-9A-Z]{26}$/.test(value) ? "01JD0000000000000000000009" : "nowhere";

describe("lists", () => {
  const make = (name: string, over: object = {}) =>
    system.member("POST /v1/deployments", {
      body: { group: "demo", name, environment: "staging", access: "public", start: false, predictor: { image: "me/server:1" }, ...over },
    });

  it("are of the caller's own groups, and of all for a platform admin", async () => {
    await make("Iris");
    const names = async (who: Installation["member"], query = {}) =>
      (await who("GET /v1/deployments", { query })).body.items.map((card: { name: string }) => card.name);
    expect(await names(system.member)).toEqual(["Iris", "Card scorer"]);
    expect(await names(system.viewer)).toEqual(["Card scorer"]);
    expect(await names(system.admin)).toEqual(["Iris", "Card scorer"]);
    expect(await names(system.stranger)).toEqual([]);
    expect(await names(system.stranger, { group: "fraud" })).toEqual([]);
    expect(await names(system.member, { group: "demo" })).toEqual(["Iris"]);
    expect(await names(system.member, { search: "CARD" })).toEqual(["Card scorer"]);
    expect(await names(system.member, { mine: "true" })).toEqual(["Iris", "Card scorer"]);
    expect(await names(system.viewer, { mine: "true" })).toEqual([]);
    expect(await names(system.member, { status: "starting", model: "card-fraud", environment: "production" })).toEqual(["Card scorer"]);
  });

  it("are paged by a cursor that belongs to the query", async () => {
    for (const name of ["A1", "B1", "C1"]) await make(name);
    const first = await system.member("GET /v1/deployments", { query: { limit: "2" } });
    const cursor = first.body.next_cursor;
    const second = await system.member("GET /v1/deployments", { query: { limit: "2", cursor } });
    expect([...first.body.items, ...second.body.items].map(({ name }) => name)).toEqual(["A1", "B1", "C1", "Card scorer"]);
    expect(second.body.next_cursor).toBeUndefined();
    for (const query of [{ cursor, group: "demo" }, { cursor: "x" }] as Record<string, string>[]) {
      expect(await system.member("GET /v1/deployments", { query })).toMatchObject({ status: 400, body: { code: "invalid-input" } });
    }
    expect(await system.viewer("GET /v1/deployments", { query: { limit: "2", cursor } })).toMatchObject({ status: 400 });
  });

  it("of conditions go on where a page ended although a new one has come", async () => {
    const condition = (n: number) => ({
      type: "SCHEDULED" as const,
      status: "Unknown" as const,
      reason: `R${n}`,
      message: "",
      at: "2026-11-21T09:00:00.000Z",
    });
    const first = anObservation({ transitions: [4, 3, 2, 1, 0].map(condition) });
    const next = anObservation({ version: 2, transitions: [condition(5)], earlier: 5 });
    const page = async (query: object) =>
      (await system.member("GET /v1/deployments/{id}/conditions", { parameters: { id: uid }, query: { limit: "2", ...query } })).body;
    await system.record.saveObserved(uid, first, undefined);
    const one = await page({});
    await system.record.saveObserved(uid, next, first);
    const two = await page({ cursor: one.next_cursor });
    const three = await page({ cursor: two.next_cursor });
    const reasons = [one, two, three].flatMap(({ items }) => items.map(({ reason }: { reason: string }) => reason));
    expect(reasons).toEqual(["R4", "R3", "R2", "R1", "R0"]);
    expect(three.next_cursor).toBeUndefined();
    expect(await page({ cursor: "x" })).toMatchObject({ code: "invalid-input" });
  });
});

describe("a state", () => {
  it("names the operation under way and where it was read", async () => {
    const answer = await system.viewer("GET /v1/deployments/{id}/state", { parameters: { id: uid } });
    expect(answer.body).toMatchObject({
      status: "STARTING",
      operation: { id: operation, kind: "START" },
      last_operation: null,
      source: "record",
      observed_at: null,
    });
  });

  it("is read from the cluster when it is to be live", async () => {
    const seen = anObservation({ observed_at: "2026-11-21T09:00:00.000Z" });
    const live = installation({ lookLive: async () => seen });
    const created = await live.member("POST /v1/deployments", {
      body: { group: "demo", name: "Iris", environment: "staging", access: "public", predictor: { image: "me/server:1" } },
    });
    const parameters = { id: created.body.deployment.uid };
    expect((await live.member("GET /v1/deployments/{id}/state", { parameters, query: { live: "true" } })).body).toMatchObject({
      source: "cluster",
      observed_at: seen.observed_at,
    });
    expect((await live.member("GET /v1/deployments/{id}/instances", { parameters, query: { live: "true" } })).body).toMatchObject({
      source: "cluster",
      items: [],
    });
    expect((await live.member("GET /v1/deployments/{id}/instances", { parameters })).body).toMatchObject({ source: "record" });
  });

  it.each([
    new WorkflowError("ClusterUnavailable", "Timeout", "does not answer in 5 s"),
    new KubernetesError(403, "Forbidden", "pods is forbidden: does not answer to everybody"),
  ])("says that the cluster does not answer: $message", async (error) => {
    const down = installation({ lookLive: () => Promise.reject(error) });
    const created = await down.member("POST /v1/deployments", {
      body: { group: "demo", name: "Iris", environment: "staging", access: "public", predictor: { image: "me/server:1" } },
    });
    const parameters = { id: created.body.deployment.uid };
    expect(await down.member("GET /v1/deployments/{id}/state", { parameters, query: { live: "true" } })).toMatchObject({
      status: 503,
      body: { code: "cluster-unreachable", detail: expect.stringContaining(error.message) },
    });
    expect(await down.member("GET /v1/deployments/{id}/state", { parameters })).toMatchObject({ status: 200 });
  });
});

describe("groups and models", () => {
  it("are known by use to whoever may see all, and by name to a platform admin's command", async () => {
    const groups = async () => (await system.admin("GET /v1/groups")).body.items;
    expect(await groups()).toEqual([{ name: "fraud", role: null }]);
    expect(await system.admin("POST /v1/models", { body: { group: "vision", name: "cats" } })).toMatchObject({ status: 404 });
    expect(await system.admin("PUT /v1/groups/{name}", { parameters: { name: "vision" } })).toMatchObject({
      status: 200,
      body: { name: "vision", role: null },
    });
    expect(await system.admin("POST /v1/models", { body: { group: "vision", name: "cats" } })).toMatchObject({ status: 201 });
    expect((await groups()).map(({ name }: { name: string }) => name)).toEqual(["fraud", "vision"]);
    expect((await system.member("GET /v1/groups")).body.items).toEqual([
      { name: "demo", role: "member" },
      { name: "fraud", role: "member" },
    ]);
    expect(await system.member("GET /v1/groups/{name}", { parameters: { name: "vision" } })).toMatchObject({ status: 404 });
  });

  it("are made once", async () => {
    expect(await system.member("POST /v1/models", { body: model })).toMatchObject({ status: 409, body: { code: "name-taken" } });
  });

  it("number their versions", async () => {
    const answer = await system.member("POST /v1/models/{group}/{name}/versions", {
      parameters: model,
      body: { artifact_uri: "s3://models/2", metrics: { auc: 0.9 } },
    });
    expect(answer).toMatchObject({
      status: 201,
      body: { version: 2, registered_by: "ada", metrics: { auc: 0.9 } },
      headers: { location: "/v1/models/fraud/card-fraud/versions/2" },
    });
    expect(answers.ModelVersion.safeParse(answer.body).error).toBeUndefined();
    expect(
      (await system.member("GET /v1/models/{group}/{name}/versions", { parameters: model })).body.items.map(
        ({ version }: { version: number }) => version,
      ),
    ).toEqual([2, 1]);
    expect(
      await system.member("GET /v1/models/{group}/{name}/versions/{version}", { parameters: { ...model, version: "9" } }),
    ).toMatchObject({ status: 404 });
    expect(
      await system.member("POST /v1/models/{group}/{name}/versions", {
        parameters: { group: "fraud", name: "none" },
        body: { artifact_uri: "s3://models/1" },
      }),
    ).toMatchObject({ status: 404 });
  });

  it("tell who is signed in", async () => {
    expect((await system.member("GET /v1/me")).body).toEqual({
      actor: "ada",
      email: null,
      platform_admin: false,
      groups: [
        { name: "demo", role: "member" },
        { name: "fraud", role: "member" },
      ],
    });
  });
});
