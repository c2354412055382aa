import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Counted, failed, LoadClient, percentile } from "../../bench/switch/load-client.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const model = { "x-model": "one" };

/** Loads a server until it has been asked often enough; what the client has counted then. */
async function countedOf(answer: RequestListener, timeoutMs?: number): Promise<Counted> {
  let asked = 0;
  const enough = Promise.withResolvers<void>();
  server = createServer((request, response) => {
    asked += 1;
    if (asked === 40) enough.resolve();
    answer(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const client = new LoadClient({ url, rate: 400, ...(timeoutMs !== undefined && { timeoutMs }) }, "all");
  await enough.promise;
  const { all } = await client.stop();
  return all as Counted;
}

const onlyFailure = ({ failures }: Counted): string => {
  expect(Object.keys(failures)).toHaveLength(1);
  return Object.keys(failures)[0] as string;
};

describe("the load client counts each request once:", () => {
  it("as answered, by whom", async () => {
    const counted = await countedOf((_request, response) => void response.writeHead(200, model).end("{}"));
    expect(counted).toMatchObject({ failures: {}, modelErrors: 0, refusals: 0, greetings: { one: counted.requests } });
    expect(counted.latencies).toHaveLength(counted.requests);
  });

  it("as an error of the model when the model says so", async () => {
    const counted = await countedOf((_request, response) => void response.writeHead(500, model).end("{}"));
    expect([counted.modelErrors, failed(counted)]).toEqual([counted.requests, 0]);
  });

  it("as a refusal when the route says that nothing serves", async () => {
    const counted = await countedOf((_request, response) => void response.writeHead(500, { "x-slipway-route": "3-none" }).end());
    expect([counted.refusals, failed(counted)]).toEqual([counted.requests, 0]);
  });

  it.each<[string, RequestListener, string]>([
    [
      "a status of the way there",
      (_request, response) => void response.writeHead(503).end("no healthy upstream"),
      "status 503: no healthy",
    ],
    ["200 that is not the model's", (_request, response) => void response.writeHead(200).end(), "status 200"],
    ["a connection that breaks before the answer", (request) => void request.socket.destroy(), "ECONNRESET"],
    [
      "an answer that breaks off",
      (request, response) => {
        response.writeHead(200, { ...model, "content-length": 100 }).write("{");
        setImmediate(() => request.socket.destroy());
      },
      "answer broke off",
    ],
  ])("as failed for %s", async (_name, answer, failure) => {
    const counted = await countedOf(answer);
    expect(onlyFailure(counted)).toContain(failure);
    expect(failed(counted)).toBe(counted.requests);
  });

  it("as failed when no answer comes in time", async () => {
    const counted = await countedOf(() => undefined, 50);
    expect([onlyFailure(counted), failed(counted)]).toEqual(["no answer in time", counted.requests]);
  });
});

describe("the load", () => {
  it("is sent by the clock, though nothing is answered yet", async () => {
    const waiting: (() => void)[] = [];
    let holding = true;
    const { requests, latencies } = await countedOf((_request, response) => {
      waiting.push(() => response.writeHead(200, model).end());
      if (waiting.length >= 40) holding = false;
      if (!holding) for (const answer of waiting.splice(0)) answer();
    });
    expect(latencies).toHaveLength(requests);
  });

  it("comes half on connections that are kept, half on new ones", async () => {
    const seen = new Map<Socket, number>();
    const { requests } = await countedOf((request, response) => {
      seen.set(request.socket, (seen.get(request.socket) ?? 0) + 1);
      response.writeHead(200, model).end();
    });
    const once = [...seen.values()].filter((times) => times === 1).length;
    expect(once).toBeGreaterThanOrEqual(Math.floor(requests / 2));
    expect(Math.max(...seen.values())).toBeGreaterThan(1);
  });

  it("counts what is due from then on under the next name", async () => {
    server = createServer((_request, response) => void response.writeHead(200, model).end()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const client = new LoadClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, rate: 200 }, "before");
    await expect.poll(() => client.counted("before").requests).toBeGreaterThan(5);
    client.begin("after");
    const before = client.counted("before").requests;
    await expect.poll(() => client.counted("after").requests).toBeGreaterThan(5);
    const parts = await client.stop();
    expect(parts.before?.requests).toBe(before);
    expect(parts.after?.latencies).toHaveLength(parts.after?.requests ?? 0);
  });

  it("has percentiles by nearest rank", () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([percentile(values, 50), percentile(values, 99), percentile([], 50)]).toEqual([50, 99, Number.NaN]);
  });
});
