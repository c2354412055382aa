import { beforeEach, describe, expect, it } from "vitest";
import { answers } from "../../contract/answers.ts";
import { WorkflowError } from "../../domain/errors.ts";
import { routeName } from "../../domain/names.ts";
import { type Installation, installation } from "../doubles/installation.ts";
import { LoggedCluster } from "../doubles/logged-cluster.ts";

let system: Installation;
let cluster: LoggedCluster;
let uid: string;
let prefix: string;
const namespace = "slipway-fraud-production";
const route = "GET /v1/deployments/{id}/logs";

beforeEach(async () => {
  cluster = new LoggedCluster();
  system = installation({ cluster });
  const created = await system.member("POST /v1/deployments", {
    body: { group: "fraud", name: "Card scorer", environment: "production", access: "public", predictor: { image: "card:1" } },
  });
  ({ uid } = created.body.deployment);
  prefix = routeName({ id: "card-scorer", uid });
});

const pod = (suffix: string, revision = 1) => `${prefix}-p${revision}-1-${suffix}`;
const at = (second: number, nanoseconds = 0) =>
  `2026-11-21T09:12:${String(second).padStart(2, "0")}.${String(nanoseconds).padStart(9, "0")}Z`;
const read = (query: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  system.viewer(route, { parameters: { id: "card-scorer" }, query, headers });
const messages = (answer: Awaited<ReturnType<typeof read>>) => answer.body.items.map(({ message }: { message: string }) => message);

describe("transient logs", () => {
  it("merge instances and containers by time and say who wrote each line", async () => {
    cluster.addPod(namespace, pod("aaa-1"), uid, { containers: ["storage-initializer", "predictor"] });
    cluster.addPod(namespace, pod("aaa-2", 2), uid, { revision: 2 });
    cluster.addPod(namespace, "stranger", "another-uid");
    cluster.write("stranger", "predictor", [at(1), "not ours"]);
    cluster.write(pod("aaa-1"), "storage-initializer", [at(1), "copied"]);
    cluster.write(pod("aaa-1"), "predictor", [at(2), "one"], [at(4), "three"]);
    cluster.write(pod("aaa-2", 2), "predictor", [at(3), "two"], [at(5), "four"]);
    const answer = await read();
    expect(answers.LogPage.safeParse(answer.body).error).toBeUndefined();
    expect(messages(answer)).toEqual(["copied", "one", "two", "three", "four"]);
    expect(answer.body.items[2]).toEqual({
      ...{ at: "2026-11-21T09:12:03.000Z", instance: pod("aaa-2", 2), component: "predictor", container_name: "predictor" },
      ...{ revision: 2, message: "two" },
    });
    expect(messages(await read({ container_name: "storage-initializer" }))).toEqual(["copied"]);
    expect(messages(await read({ instance: pod("aaa-2", 2) }))).toEqual(["two", "four"]);
    expect(messages(await read({ tail: "2" }))).toEqual(["three", "four"]);
    expect(messages(await read({ tail: "2", sort: "desc" }))).toEqual(["four", "three"]);
    expect(messages(await read({ component: "transformer" }))).toEqual([]);
    expect(messages(await read({ since: "2026-11-21T09:12:03Z", until: "2026-11-21T09:12:04Z" }))).toEqual(["two", "three"]);
  });

  it("keep each container's own order when the clocks of nodes differ", async () => {
    cluster.addPod(namespace, pod("aaa-1"), uid);
    cluster.write(pod("aaa-1"), "predictor", [at(9), "before the clock was set back"], [at(3), "after"]);
    cluster.addPod(namespace, pod("aaa-2"), uid);
    cluster.write(pod("aaa-2"), "predictor", [at(5), "other"]);
    const given = messages(await read());
    expect(given.indexOf("before the clock was set back")).toBeLessThan(given.indexOf("after"));
    expect(given).toHaveLength(3);
  });

  it("lose and double no line by their cursor, also within one nanosecond and over restarts", async () => {
    const name = pod("aaa-1");
    cluster.addPod(namespace, name, uid);
    const written: string[] = [];
    const say = (time: string, count: number) => {
      for (let index = 0; index < count; index += 1) {
        const message = `line ${written.length}`;
        written.push(message);
        cluster.write(name, "predictor", [time, message]);
      }
    };
    say(at(1), 3);
    const first = await read({ tail: "2" });
    const got = messages(first);
    expect(got).toEqual(["line 1", "line 2"]);
    let cursor = first.body.next_cursor;
    const follow = async (tail: string) => {
      const page = await read({ tail, cursor });
      got.push(...messages(page));
      cursor = page.body.next_cursor;
      return page;
    };
    say(at(2, 5), 4);
    await follow("3");
    say(at(2, 5), 2);
    await follow("2");
    await follow("50");
    expect(messages(await follow("50"))).toEqual([]);
    say(at(3), 2);
    cluster.restart(namespace, name, "predictor");
    say(at(4), 3);
    cluster.addPod(namespace, pod("aaa-2"), uid);
    cluster.write(pod("aaa-2"), "predictor", [at(5), "new instance"]);
    written.push("new instance");
    while (messages(await follow("2")).length > 0);
    expect(got).toEqual(written.slice(1));
  });

  it("say which runs the node has lost since the last answer", async () => {
    const name = pod("aaa-1");
    cluster.addPod(namespace, name, uid);
    cluster.write(name, "predictor", [at(1), "first run"]);
    const { next_cursor: cursor } = (await read()).body;
    for (const run of [1, 2, 3]) {
      cluster.restart(namespace, name, "predictor");
      cluster.write(name, "predictor", [at(run + 1), `run ${run}`]);
    }
    const page = await read({ cursor });
    expect(messages(page)).toEqual(["run 2", "run 3"]);
    expect(page.body.instances).toEqual([expect.objectContaining({ state: "cut", message: expect.stringContaining("source=historical") })]);
  });

  it("give the run before that crashed, and say when there is none", async () => {
    const name = pod("aaa-1");
    cluster.addPod(namespace, name, uid);
    cluster.write(name, "predictor", [at(1), "boom"]);
    expect((await read({ previous: "true" })).body).toMatchObject({ items: [], instances: [{ state: "none" }] });
    cluster.restart(namespace, name, "predictor");
    cluster.write(name, "predictor", [at(2), "again"]);
    expect(messages(await read({ previous: "true" }))).toEqual(["boom"]);
    expect(messages(await read())).toEqual(["again"]);
  });

  it("say what is being created and what is gone", async () => {
    const name = pod("aaa-1");
    cluster.addPod(namespace, name, uid);
    cluster.hold(namespace, name, "predictor");
    expect((await read()).body.instances).toEqual([
      expect.objectContaining({ instance: name, state: "creating", message: expect.stringContaining("ImagePullBackOff: not found") }),
    ]);
    const gone = await read({ instance: pod("zzz-9", 4) });
    expect(gone.body).toMatchObject({ items: [], instances: [{ instance: pod("zzz-9", 4), revision: 4, state: "gone" }] });
  });

  it("say that an instance has gone since the last answer", async () => {
    const name = pod("aaa-1");
    cluster.addPod(namespace, name, uid);
    cluster.write(name, "predictor", [at(1), "one"]);
    const { next_cursor: cursor } = (await read()).body;
    await cluster.remove("Pod", namespace, name, null);
    expect((await read({ cursor })).body).toMatchObject({
      items: [],
      instances: [{ instance: name, container_name: "predictor", state: "gone", message: expect.stringContaining("source=historical") }],
    });
  });

  it("are nothing, and no error, where nothing runs", async () => {
    expect(await read()).toMatchObject({ status: 200, body: { source: "transient", items: [], instances: [] } });
  });
});

describe("plain text", () => {
  const accept = { accept: "text/plain" };

  it("is a line for each, in order of time, naming who wrote where several did", async () => {
    cluster.addPod(namespace, pod("aaa-1"), uid);
    cluster.write(pod("aaa-1"), "predictor", [at(1), "one"], [at(2), "two"]);
    const answer = await read({ sort: "desc" }, accept);
    expect(answer.headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(answer.body).toBe("2026-11-21T09:12:01.000Z one\n2026-11-21T09:12:02.000Z two\n");
    expect(answer.headers["x-slipway-next-cursor"]).toBeTruthy();
    cluster.addPod(namespace, pod("aaa-2"), uid);
    cluster.write(pod("aaa-2"), "predictor", [at(3), "three"]);
    expect((await read({}, accept)).body).toContain(`2026-11-21T09:12:03.000Z ${pod("aaa-2")}/predictor three\n`);
  });

  it("drives no terminal, while JSON keeps what was written", async () => {
    const written = "\u001b[31m red\u001b[0m \u001b]0;title\u0007bell\u0007 tab\there \u0000null";
    cluster.addPod(namespace, pod("aaa-1"), uid);
    cluster.write(pod("aaa-1"), "predictor", [at(1), written]);
    expect(messages(await read())).toEqual([written]);
    expect((await read({}, accept)).body).toBe("2026-11-21T09:12:01.000Z  red bell tab\there null\n");
  });
});

describe("large logs", () => {
  it("give the newest that an answer can hold, and go on from there", async () => {
    cluster.pieceLength = 64 * 1024;
    const name = pod("aaa-1");
    cluster.addPod(namespace, name, uid);
    const megabyte = (index: number) => `${index}${"x".repeat(1_000_000)}`;
    for (let index = 0; index < 9; index += 1) cluster.write(name, "predictor", [at(index), megabyte(index)]);
    const first = await read();
    expect(messages(first).map((message: string) => message[0])).toEqual(["5", "6", "7", "8"]);
    expect(JSON.stringify(first.body).length).toBeLessThan(6 * 1024 * 1024);
    const follow = await read({ since: "2026-11-21T09:12:00Z", tail: "1" });
    cluster.write(name, "predictor", [at(20), "next"]);
    expect(messages(await read({ since: "2026-11-21T09:12:00Z", cursor: follow.body.next_cursor }))).toEqual(["next"]);
  });

  it("cut a line beyond a megabyte, and say so", async () => {
    cluster.pieceLength = 64 * 1024;
    cluster.addPod(namespace, pod("aaa-1"), uid);
    cluster.write(pod("aaa-1"), "predictor", [at(1), "y".repeat(3_000_000)], [at(2), "next"]);
    const [long, next] = messages(await read());
    expect(long).toMatch(/^y{1048576}… \(cut: /);
    expect(next).toBe("next");
  });

  it("hold what escapes to six times its length", async () => {
    cluster.pieceLength = 64 * 1024;
    cluster.addPod(namespace, pod("aaa-1"), uid);
    for (let index = 0; index < 4; index += 1) cluster.write(pod("aaa-1"), "predictor", [at(index), "\u0001".repeat(900_000)]);
    expect(JSON.stringify((await read()).body).length).toBeLessThan(6 * 1024 * 1024);
  });
});

describe("what is refused", () => {
  it.each([
    ["a source that there is not", { source: "live" }, "source"],
    ["too many lines", { tail: "2001" }, "tail"],
    ["a time that is none", { since: "yesterday" }, "since"],
    ["since after until", { since: "2026-11-21T10:00:00Z", until: "2026-11-21T09:00:00Z" }, "since"],
    ["a cursor of nobody", { cursor: "bm9uc2Vuc2U" }, "cursor"],
    ["a filter that there is not", { pod: "x" }, "pod"],
  ])("%s", async (_what, query, path) => {
    const answer = await read(query as unknown as Record<string, string>);
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid-input", errors: [{ path }] } });
  });

  it("a cursor of another query", async () => {
    cluster.addPod(namespace, pod("aaa-1"), uid);
    const { next_cursor: cursor } = (await read()).body;
    expect(await read({ cursor, component: "predictor" })).toMatchObject({ status: 400, body: { code: "invalid-input" } });
  });

  it("a container that it has not, by the names that it has", async () => {
    cluster.addPod(namespace, pod("aaa-1"), uid);
    const answer = await read({ container_name: "istio-proxy" });
    expect(answer).toMatchObject({ status: 404, body: { code: "not-found", container_names: ["predictor"] } });
  });

  it.each([["another-deployment-abc123-p1-1-xyz-1"], ["kube-proxy-x2"]])("an instance of somebody else: %s", async (instance) => {
    cluster.addPod(namespace, instance, "another-uid");
    expect(await read({ instance })).toMatchObject({ status: 404, body: { code: "not-found" } });
  });

  it("everything to a stranger", async () => {
    const answer = await system.stranger(route, { parameters: { id: "card-scorer" } });
    expect(answer).toMatchObject({ status: 404, body: { code: "not-found" } });
  });

  it("to wait for a cluster that does not answer", async () => {
    cluster.list = () => Promise.reject(new WorkflowError("ClusterUnavailable", "NoAnswer", "nobody there"));
    const answer = await read();
    expect(answer).toMatchObject({
      status: 503,
      body: { code: "cluster-unreachable", detail: expect.stringContaining("source=historical") },
    });
  });
});
