import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { kubernetesClient } from "../../lambdas/adapters/kubernetes-client.ts";
import type { Cluster, WatchEvent } from "../../lambdas/ports/cluster.ts";
import type { Clock } from "../../lambdas/ports/surroundings.ts";
import { type ApiServer, breakOff, json, refusal, startApiServer } from "../doubles/api-server.ts";

let server: ApiServer;
let access: ReturnType<ApiServer["access"]>;
let cluster: Cluster;
let slept: number[];

beforeAll(async () => {
  server = await startApiServer();
});
afterAll(() => server.stop());
beforeEach(() => {
  slept = [];
  server.received.length = 0;
  access = server.access();
  const clock: Clock = {
    now: () => Date.now(),
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
    },
  };
  cluster = kubernetesClient(access, clock);
});

const service: KubernetesObject = { apiVersion: "v1", kind: "Service", metadata: { name: "iris", namespace: "demo" } };
const get = () => cluster.get("Service", "demo", "iris");
const paths = () => server.received.map(({ method, path }) => `${method} ${path}`);

describe("a request", () => {
  it("goes where the API keeps the kind, with the token", async () => {
    server.answer(json(201, service));
    await cluster.create({ apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", metadata: { name: "r", namespace: "demo" } });
    expect(paths()).toEqual(["POST /apis/gateway.networking.k8s.io/v1/namespaces/demo/httproutes"]);
    expect(server.received[0]?.token).toBe("token-1");
  });

  it("is sent once more with a new token when the first is refused", async () => {
    server.answer(refusal(401, "Unauthorized", "Unauthorized"), json(200, service));
    expect(await get()).toMatchObject({ metadata: { name: "iris" } });
    expect(server.received.map(({ token }) => token)).toEqual(["token-1", "token-2"]);
  });

  it("is refused for good when the new token is refused too", async () => {
    server.answer(refusal(401, "Unauthorized", "Unauthorized"));
    await expect(get()).rejects.toMatchObject({ name: "KubernetesError", code: 401, reason: "Unauthorized" });
    expect(server.received).toHaveLength(2);
  });

  it("waits as long as the API server asks for", async () => {
    server.answer(refusal(429, "TooManyRequests", "too many", { "retry-after": "2" }), json(200, service));
    await get();
    expect(slept).toHaveLength(1);
    expect(slept[0]).toBeGreaterThanOrEqual(2000);
  });

  it("is tried again over a new connection when one breaks, also a create", async () => {
    server.answer(breakOff, refusal(409, "AlreadyExists", 'services "iris" already exists'));
    await expect(cluster.create(service)).rejects.toMatchObject({ code: 409, reason: "AlreadyExists" });
    expect(server.received).toHaveLength(2);
  });

  it("ends as ClusterUnavailable when the API server never carries it out", async () => {
    server.answer(refusal(503, "ServiceUnavailable", "the server is starting"));
    await expect(get()).rejects.toMatchObject({ name: "ClusterUnavailable", message: expect.stringContaining("the server is starting") });
    expect(server.received).toHaveLength(5);
  });

  it("looks the cluster up once more when its certificate does not hold", async () => {
    const stranger = await startApiServer();
    try {
      const right = await access.connection();
      let connection = { ...right, endpoint: new URL(stranger.url) };
      const moved = { ...access, connection: async () => connection, forgetConnection: () => (connection = right) };
      server.answer(json(200, service));
      const client = kubernetesClient(moved, { now: () => 0, sleep: async () => undefined });
      expect(await client.get("Service", "demo", "iris")).toMatchObject({ kind: "Service" });
      expect(stranger.received).toEqual([]);
    } finally {
      await stranger.stop();
    }
  });

  it("gives the API's own words when it refuses", async () => {
    server.answer(refusal(403, "Forbidden", "exceeded quota: slots, requested: cpu=2"));
    await expect(cluster.create(service)).rejects.toMatchObject({
      code: 403,
      reason: "Forbidden",
      message: "exceeded quota: slots, requested: cpu=2",
    });
    expect(server.received).toHaveLength(1);
  });
});

describe("an API server that does not know the roles yet", () => {
  const unknown = refusal(403, "Forbidden", 'services "iris" is forbidden: User "us" cannot get resource "services" in API group ""');

  it("is asked until it does, also through its proxy, which is asked once otherwise", async () => {
    server.answer(unknown, unknown, json(200, service));
    expect(await get()).toMatchObject({ metadata: { name: "iris" } });
    server.answer(unknown, (_received, response) => response.end("hello"));
    const proxied = await cluster.serviceProxy(
      { namespace: "demo", service: "iris", port: "http" },
      { method: "POST", path: "/", timeout_ms: 1000 },
    );
    expect(proxied).toMatchObject({ status: 200, body: "hello" });
    expect(server.received).toHaveLength(5);
  });

  it("is taken at its word when it goes on", async () => {
    server.answer(unknown);
    await expect(get()).rejects.toMatchObject({ name: "KubernetesError", code: 403, reason: "Forbidden" });
    expect(slept).toEqual([200, 400, 800, 1600]);
  });

  it("does not end a watch", async () => {
    const added = { type: "ADDED", object: { kind: "Pod", metadata: { name: "a", resourceVersion: "5" } } };
    server.answer(unknown, (_received, response) => response.write(`${JSON.stringify(added)}\n`));
    const stop = new AbortController();
    for await (const { object } of cluster.watch("Pod", { namespace: "demo" }, "1", stop.signal)) {
      expect(object.metadata.name).toBe("a");
      stop.abort();
    }
    expect(server.received).toHaveLength(2);
  });
});

describe("objects", () => {
  it("that are not there are undefined", async () => {
    server.answer(refusal(404, "NotFound", "not found"));
    expect(await get()).toBeUndefined();
  });

  it("come without the list of who wrote which field", async () => {
    server.answer(json(200, { ...service, metadata: { name: "iris", managedFields: [{ manager: "us" }] } }));
    expect(await get()).toEqual({ ...service, metadata: { name: "iris" } });
  });

  it("are removed by uid, and what has another uid is gone already", async () => {
    server.answer(refusal(409, "Conflict", "the UID in the precondition (a) does not match the UID in record (b)"));
    await cluster.remove("Service", "demo", "iris", "a");
    expect(JSON.parse(server.received[0]?.body ?? "")).toMatchObject({ preconditions: { uid: "a" }, propagationPolicy: "Background" });
  });

  it("are removed only as they were read, where that is asked for", async () => {
    server.answer(refusal(409, "Conflict", "the ResourceVersion in the precondition (7) does not match the ResourceVersion in record (8)"));
    await cluster.remove("HTTPRoute", "demo", "iris", "a", undefined, "7");
    expect(JSON.parse(server.received[0]?.body ?? "")).toMatchObject({ preconditions: { uid: "a", resourceVersion: "7" } });
  });

  it("are patched as a merge with the version as precondition", async () => {
    server.answer(refusal(409, "Conflict", "the object has been modified"));
    await expect(cluster.patch("HTTPRoute", "demo", "r", { metadata: { resourceVersion: "7" } })).rejects.toMatchObject({
      reason: "Conflict",
    });
    expect(server.received[0]?.headers["content-type"]).toBe("application/merge-patch+json");
  });
});

describe("a list", () => {
  const listed = (names: string[], more?: string) =>
    json(200, {
      kind: "PodList",
      metadata: { resourceVersion: "42", ...(more && { continue: more }) },
      items: names.map((name) => ({ metadata: { name } })),
    });

  it("is read to its last page, and its items say what they are", async () => {
    server.answer(listed(["a", "b"], "next"), listed(["c"]));
    const { items, resource_version } = await cluster.list("Pod", { namespace: null, labels: { "slipway.dev/slot": "blue" } });
    expect(items.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(["Pod a", "Pod b", "Pod c"]);
    expect(resource_version).toBe("42");
    expect(decodeURIComponent(paths()[1] ?? "")).toBe("GET /api/v1/pods?labelSelector=slipway.dev/slot=blue&limit=500&continue=next");
  });

  it("begins again when its snapshot expires between two pages", async () => {
    server.answer(listed(["a"], "next"), refusal(410, "Expired", "too old"), listed(["a", "b"]));
    expect((await cluster.list("Pod", { namespace: "demo" })).items).toHaveLength(2);
  });
});

describe("a watch", () => {
  const pod = (name: string, resourceVersion: string) => ({ kind: "Pod", metadata: { name, resourceVersion } });
  const event = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`;
  const scope = { namespace: "demo" };

  async function taking(count: number, from = "1"): Promise<WatchEvent<KubernetesObject>[]> {
    const stop = new AbortController();
    const taken: WatchEvent<KubernetesObject>[] = [];
    for await (const given of cluster.watch("Pod", scope, from, stop.signal)) {
      taken.push(given);
      if (taken.length === count) stop.abort();
    }
    return taken;
  }

  it("goes on where it was when the connection breaks in the middle of an event", async () => {
    const second = event("MODIFIED", pod("a", "6"));
    server.answer(
      (_received, response) => {
        response.write(event("ADDED", pod("a", "5")) + second.slice(0, 20), () => response.destroy());
      },
      (_received, response) => response.write(second),
    );
    expect((await taking(2)).map(({ type }) => type)).toEqual(["ADDED", "MODIFIED"]);
    expect(server.received[1]?.path).toContain("resourceVersion=5");
  });

  describe("tells that the API server answers again, and for how long it did not", () => {
    const told = async () => {
      const stop = new AbortController();
      const away: number[] = [];
      for await (const _event of cluster.watch("Pod", scope, "1", stop.signal, (milliseconds) => away.push(milliseconds))) {
        if (server.received.length > 1) stop.abort();
      }
      return away;
    };
    const last = (_received: object, response: ServerResponse) => void response.write(event("ADDED", pod("b", "10")));

    it("after it has broken off", async () => {
      server.answer((_received, response) => void response.write(event("ADDED", pod("a", "5")), () => response.destroy()), last);
      const away = await told();
      expect(away).toEqual([expect.any(Number)]);
      expect(away[0]).toBeGreaterThanOrEqual(0);
      expect(away[0]).toBeLessThan(Number.POSITIVE_INFINITY);
    });

    it("where it did not from the beginning on", async () => {
      server.answer(breakOff, last);
      expect(await told()).toEqual([Number.POSITIVE_INFINITY]);
    });

    it("and not where it has ended the watch as it does", async () => {
      server.answer((_received, response) => void response.end(event("ADDED", pod("a", "5"))), last);
      expect(await told()).toEqual([]);
    });
  });

  it("leaves out who wrote which field", async () => {
    const managed = { ...pod("a", "5"), metadata: { name: "a", resourceVersion: "5", managedFields: [{ manager: "us" }] } };
    server.answer((_received, response) => response.write(event("ADDED", managed)));
    expect((await taking(1)).map(({ object }) => object)).toEqual([pod("a", "5")]);
  });

  it("goes on from a bookmark when the server ends it", async () => {
    server.answer(
      (_received, response) => response.end(event("BOOKMARK", pod("", "9"))),
      (_received, response) => response.write(event("ADDED", pod("b", "10"))),
    );
    await taking(2);
    expect(server.received[1]?.path).toContain("resourceVersion=9");
  });

  it("says 410 when its version is too old, by answer and by event", async () => {
    server.answer(refusal(410, "Expired", "too old resource version"));
    await expect(taking(1)).rejects.toMatchObject({ code: 410 });
    server.answer((_received, response) =>
      response.end(event("ERROR", { kind: "Status", apiVersion: "v1", code: 410, reason: "Expired" })),
    );
    await expect(taking(1)).rejects.toMatchObject({ code: 410, reason: "Expired" });
  });

  it("ends without an error when it is aborted while nothing happens", async () => {
    const stop = new AbortController();
    server.answer((_received, response) => {
      response.writeHead(200);
      response.flushHeaders();
      stop.abort();
    });
    for await (const _event of cluster.watch("Pod", scope, "1", stop.signal)) throw new Error("nothing had happened");
  });
});

describe("a pod's log", () => {
  it("is asked for by container, also that of the run before", async () => {
    server.answer((_received, response) => response.end("line\n"));
    expect(await cluster.podLog("demo", "iris-0", { container: "predictor", previous: true, tail_lines: 20 })).toBe("line\n");
    expect(paths()[0]).toBe("GET /api/v1/namespaces/demo/pods/iris-0/log?container=predictor&limitBytes=524288&previous=true&tailLines=20");
  });
});
