import { beforeAll, describe, expect, test } from "vitest";
import type { Any } from "./support/api-client.ts";
import { gatewayPlace } from "./support/cluster-info.ts";
import { condition, deployment, route, service } from "./support/objects.ts";
import { api, cluster, type Scene, scene } from "./target.ts";

const { gatewayUrl } = cluster;
const gatewayApi = "/apis/gateway.networking.k8s.io/v1";
/** The specification asks for 500; Traefik says 503. */
const ownFailure = /^50[03]$/;
const toRoot = { type: "URLRewrite", urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/" } } };

describe.skipIf(!gatewayUrl)("gateway", () => {
  let here: Scene;
  let prefix: string;
  beforeAll(async () => {
    here = await scene("routes");
    prefix = `/endpoints/${here.namespace}`;
    for (const name of ["blue", "green"]) {
      await api.make(here.deployments, deployment(name, { env: [{ name: "TAG", value: name }] }));
      await api.make(here.services, service(name));
    }
    await api.make(here.services, service("nobody"));
    for (const name of ["blue", "green"]) {
      await api.until(here.deployments, name, (each) => condition(each, "Available")?.status === "True");
      const slices = `${here.slices}?labelSelector=kubernetes.io/service-name=${name}`;
      await api.untilAny(slices, (each) => each.endpoints?.[0]?.conditions.ready === true);
    }
  });

  const said = (object: Any, type: string) => object.status?.parents?.[0]?.conditions.find((each: Any) => each.type === type);
  const call = (path: string, init: RequestInit = {}) => fetch(`${gatewayUrl}${prefix}${path}`, init);
  const tagOf = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await call(path, { headers });
    return answer.ok ? (((await answer.json()) as Any).tag as string) : String(answer.status);
  };
  const to = (name: string, weight?: number) => ({ name, port: 80, ...(weight !== undefined && { weight }) });
  const plane = { timeout: 30_000, interval: 100 };

  /** Creates a route below the prefix and waits until the gateway's status tells of it. */
  async function make(name: string, backends: Any[], rule: Any = {}): Promise<Any> {
    await api.make(here.routes, route(name, backends, { filters: [toRoot], ...rule }, `${prefix}/${name}`));
    return api.until(here.routes, name, (each) => said(each, "ResolvedRefs") !== undefined);
  }

  async function tally(path: string, count: number): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (let sent = 0; sent < count; sent += 20) {
      for (const key of await Promise.all(Array.from({ length: 20 }, () => tagOf(path)))) counts[key] = (counts[key] ?? 0) + 1;
    }
    return counts;
  }

  test("class and Gateway tell that they are there", async () => {
    const gateways = `${gatewayApi}/namespaces/${gatewayPlace.namespace}/gateways`;
    const gateway = await api.until(gateways, gatewayPlace.name, (each) => condition(each, "Programmed")?.status === "True");
    expect(condition(gateway, "Accepted")).toMatchObject({ status: "True", observedGeneration: gateway.metadata.generation });
    expect(gateway.status.addresses.length).toBeGreaterThan(0);
    const { body } = await api.get(`${gatewayApi}/gatewayclasses/${gateway.spec.gatewayClassName}`);
    expect(condition(body, "Accepted").status).toBe("True");
  });

  test("a route is accepted and resolved for its generation, by the class's controller", async () => {
    const { status, metadata } = await make("accepted", [to("blue")]);
    expect(status.parents).toMatchObject([{ parentRef: gatewayPlace, controllerName: expect.stringContaining("/") }]);
    for (const type of ["Accepted", "ResolvedRefs"]) {
      expect(said({ status }, type)).toMatchObject({ status: "True", reason: type, observedGeneration: metadata.generation });
    }
    await expect.poll(() => tagOf("/accepted"), plane).toBe("blue");
  });

  test("a Service without an address of its own is reached, at the port that its pods have", async () => {
    await api.make(here.services, service("headless", { selector: { app: "green" }, clusterIP: "None" }));
    await make("straight", [to("headless")]);
    // A controller may hear of the route before it hears of the Service.
    await api.until(here.routes, "straight", (each) => said(each, "ResolvedRefs")?.status === "True");
    await expect.poll(() => tagOf("/straight"), plane).toBe("green");
  });

  test("what clients see filled in", async () => {
    const { spec } = await api.make(`${here.routes}?dryRun=All`, route("plain", [to("blue")]));
    expect(spec.parentRefs).toEqual([{ group: "gateway.networking.k8s.io", kind: "Gateway", ...gatewayPlace }]);
    expect(spec.rules[0].backendRefs).toEqual([{ group: "", kind: "Service", name: "blue", port: 80, weight: 1 }]);
  });

  describe("refuses what the definition of a route does not allow", () => {
    test.each([
      [
        "a weight below zero",
        [{ ...to("blue"), weight: -1 }],
        {},
        "spec.rules[0].backendRefs[0].weight in body should be greater than or equal to 0",
      ],
      [
        "a weight above a million",
        [{ ...to("blue"), weight: 1_000_001 }],
        {},
        "spec.rules[0].backendRefs[0].weight in body should be less than or equal to 1000000",
      ],
      ["a Service without port", [{ name: "blue" }], {}, "Must have port for Service reference"],
      [
        "a path that is not absolute",
        [to("blue")],
        { matches: [{ path: { type: "PathPrefix", value: "x" } }] },
        "value must be an absolute path and start with '/' when type one of ['Exact', 'PathPrefix']",
      ],
    ])("%s", async (_what, backends, rule, message) => {
      const { body } = await api.create(here.routes, route("refused", backends, rule));
      expect(body).toMatchObject({ code: 422, reason: "Invalid", message: expect.stringContaining(message) });
    });
  });

  describe("weights", () => {
    test("requests are shared as they say", async () => {
      await make("shared", [to("blue", 80), to("green", 20)]);
      await expect.poll(() => tagOf("/shared"), plane).toMatch(/blue|green/);
      const { blue = 0, green = 0 } = await tally("/shared", 1000);
      expect(blue + green).toBe(1000);
      // Eight standard deviations on either side.
      expect(blue).toBeGreaterThan(700);
      expect(blue).toBeLessThan(900);
    });

    test("a merge patch with resourceVersion moves all traffic, and weight 0 gets none", async () => {
      const { metadata } = await make("moved", [to("blue")]);
      await expect.poll(() => tally("/moved", 20), plane).toEqual({ blue: 20 });
      const { spec } = (await api.get(`${here.routes}/moved`)).body;
      spec.rules[0].backendRefs = [to("blue", 0), to("green", 100)];
      const stale = await api.patch(`${here.routes}/moved`, {
        metadata: { resourceVersion: metadata.resourceVersion, labels: { a: "b" } },
      });
      expect(stale.status).toBe(200);
      const lost = await api.patch(`${here.routes}/moved`, { metadata: { resourceVersion: metadata.resourceVersion }, spec });
      expect(lost.body).toMatchObject({
        code: 409,
        reason: "Conflict",
        message: expect.stringContaining('httproutes.gateway.networking.k8s.io "moved"'),
      });
      const { resourceVersion } = stale.body.metadata;
      const patched = await api.patch(`${here.routes}/moved`, { metadata: { resourceVersion }, spec });
      expect(patched.body.metadata.generation).toBe(2);
      await api.until(here.routes, "moved", (each) => said(each, "Accepted")?.observedGeneration === 2);
      await expect.poll(() => tally("/moved", 20), plane).toEqual({ green: 20 });
    });

    test("the share of a Service that is not there fails with 500, and the route says so", async () => {
      const object = await make("half", [to("blue", 50), to("missing", 50)]);
      expect(said(object, "Accepted").status).toBe("True");
      expect(said(object, "ResolvedRefs")).toMatchObject({ status: "False", reason: "BackendNotFound" });
      await expect.poll(async () => Object.keys(await tally("/half", 60)).toSorted(), plane).toEqual(["500", "blue"]);
    });

    test("a Service without endpoints answers 503 while the route is in order", async () => {
      const object = await make("empty", [to("nobody")]);
      expect(said(object, "ResolvedRefs").status).toBe("True");
      await expect.poll(() => tagOf("/empty"), plane).toBe("503");
    });
  });

  describe("matches", () => {
    test("no route is 404; no backend is the gateway's own failure; a prefix ends at a slash", async () => {
      await make("bare", []);
      await expect.poll(() => tagOf("/bare"), plane).toMatch(ownFailure);
      const failure = expect.stringMatching(ownFailure);
      expect(await Promise.all(["/none", "/bare/x", "/bareness"].map((path) => tagOf(path)))).toEqual(["404", failure, "404"]);
    });

    test("headers have to be there exactly, and the more of them match the sooner", async () => {
      const path = { type: "PathPrefix", value: `${prefix}/private` };
      const match = (...headers: Any[]) => ({ matches: [{ path, headers }] });
      const [name, wanted] = ["X-Slipway-Access", "client"];
      await make("closed", [to("blue")], match({ name, value: wanted }));
      await make("closer", [to("green")], match({ name, value: wanted }, { name: "X-More", value: "1" }));
      await expect.poll(() => tagOf("/private", { [name]: wanted, "x-more": "1" }), plane).toBe("green");
      await expect.poll(() => tagOf("/private", { "x-slipway-access": wanted }), plane).toBe("blue");
      expect(await tagOf("/private")).toBe("404");
      expect(await tagOf("/private", { [name]: "public" })).toBe("404");
    });

    test("the longer prefix goes first, an exact path before all", async () => {
      const at = (type: string, path: string) => ({ matches: [{ path: { type, value: `${prefix}${path}` } }] });
      await make("outer", [to("blue")], at("PathPrefix", "/nested"));
      await make("inner", [to("green")], at("PathPrefix", "/nested/deep"));
      await make("exact", [to("blue")], { ...at("Exact", "/nested/deep/one"), filters: [] });
      const tags = () => Promise.all(["/nested/a", "/nested/deep/two", "/nested/deep/one"].map((path) => tagOf(path)));
      await expect.poll(tags, plane).toEqual(["blue", "green", "blue"]);
    });
  });

  describe("filters", () => {
    const filters = [
      toRoot,
      { type: "RequestHeaderModifier", requestHeaderModifier: { set: [{ name: "X-Set", value: "new" }], remove: ["authorization"] } },
      {
        type: "ResponseHeaderModifier",
        responseHeaderModifier: { set: [{ name: "X-Slipway-Route", value: "3-7" }], remove: ["x-removed"] },
      },
    ];

    test("change path and headers on the way in and on the way out", async () => {
      await make("filtered", [to("blue")], { filters });
      await expect.poll(() => tagOf("/filtered"), plane).toBe("blue");
      const answer = await call("/filtered?q=1", { headers: { authorization: "Basic x", "x-set": "old" } });
      const body = (await answer.json()) as Any;
      expect(body).toMatchObject({ url: "/?q=1", headers: { "x-set": "new", "x-forwarded-for": expect.any(String) } });
      expect(body.headers).not.toHaveProperty("authorization");
      expect([answer.headers.get("x-slipway-route"), answer.headers.get("x-removed")]).toEqual(["3-7", null]);
      expect(((await (await call("/filtered/v2/models/a")).json()) as Any).url).toBe("/v2/models/a");
    });

    test("name the route also on the gateway's own answers", async () => {
      await make("filtered-empty", [], { filters });
      await expect.poll(() => tagOf("/filtered-empty"), plane).toMatch(ownFailure);
      expect((await call("/filtered-empty")).headers.get("x-slipway-route")).toBe("3-7");
      await make("filtered-nobody", [to("nobody")], { filters });
      await expect.poll(() => tagOf("/filtered-nobody"), plane).toBe("503");
      expect((await call("/filtered-nobody")).headers.get("x-slipway-route")).toBe("3-7");
    });
  });

  test("the answer is streamed", async () => {
    await make("streamed", [to("blue")]);
    await expect.poll(() => tagOf("/streamed"), plane).toBe("blue");
    const pieces: string[] = [];
    const { body } = await call("/streamed/hold");
    for await (const piece of (body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
      // Only what has arrived can have the rest sent.
      if (pieces.push(piece) === 1) void call("/streamed/release");
    }
    expect(pieces.join("")).toBe("first\nlast\n");
  });

  test("a route of a namespace that the Gateway does not admit is not accepted", async () => {
    const strange = await scene("strange", { "app.kubernetes.io/managed-by": "somebody" });
    await api.make(strange.routes, route("strange", [], {}, `${prefix}/strange`));
    const object = await api.until(strange.routes, "strange", (each) => said(each, "Accepted") !== undefined);
    expect(said(object, "Accepted")).toMatchObject({ status: "False", reason: "NotAllowedByListeners" });
  });

  test("a route that is deleted is followed no longer", async () => {
    await make("leaving", [to("blue")]);
    await expect.poll(() => tagOf("/leaving"), plane).toBe("blue");
    await api.delete(`${here.routes}/leaving`);
    await expect.poll(() => tagOf("/leaving"), plane).toBe("404");
  });

  test("pods that come, and go after a pause, are no failed request", async () => {
    const lifecycle = { preStop: { sleep: { seconds: 5 } } };
    await api.make(here.deployments, deployment("steady", { lifecycle }, {}, { terminationGracePeriodSeconds: 30 }));
    await api.make(here.services, service("steady"));
    await api.until(here.deployments, "steady", (each) => each.status?.availableReplicas === 1);
    await make("steady", [to("steady")]);
    await expect.poll(async () => (await call("/steady")).status, plane).toBe(200);
    const load = { going: true, failures: [] as string[] };
    const running = (async () => {
      while (load.going) {
        const answer = await call("/steady").catch((error: Error) => error);
        if (answer instanceof Error) load.failures.push(answer.message);
        else if (!answer.ok) load.failures.push(String(answer.status));
      }
    })();
    await api.patch(`${here.deployments}/steady`, { spec: { replicas: 2 } });
    await api.until(here.deployments, "steady", (each) => each.status.availableReplicas === 2);
    await api.patch(`${here.deployments}/steady`, { spec: { replicas: 1 } });
    const slices = `${here.slices}?labelSelector=kubernetes.io/service-name=steady`;
    await api.untilAny(slices, (each) => each.endpoints?.length === 1);
    load.going = false;
    await running;
    expect(load.failures).toEqual([]);
  });
});
