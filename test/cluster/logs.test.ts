import { beforeAll, describe, expect, test, vi } from "vitest";
import { absentImage, container, containerState, isReady, pod, task, waiting } from "./support/objects.ts";
import { api, proxied, type Scene, scene } from "./target.ts";

let here: Scene;
const lines = ["one", "two", "three"];
beforeAll(async () => {
  here = await scene("logs");
  const other = task("other", ["serve"], { env: [{ name: "PORT", value: "8081" }], ports: [{ containerPort: 8081 }] });
  await api.make(here.pods, pod("talking", { containers: [container(), other] }));
  await api.until(here.pods, "talking", isReady);
  for (const text of lines) await proxied(here.pods, "talking", `/say?text=${text}`);
  await vi.waitFor(async () => expect(await log("")).toBe("listening\none\ntwo\nthree\n"), 60_000);
});

const ask = (query: string, name = "talking") => api.get(`${here.pods}/${name}/log?${query}`);
const log = async (query: string) => (await ask(`container=server&${query}`)).text;

describe("what is given", () => {
  test("is text, all of it or its last lines or first bytes", async () => {
    expect((await ask("container=server")).headers["content-type"]).toBe("text/plain");
    expect(await log("tailLines=2")).toBe("two\nthree\n");
    expect(await log("tailLines=0")).toBe("");
    expect(await log("limitBytes=6")).toBe("listen");
    expect(await log("tailLines=2&limitBytes=5")).toBe("two\nt");
  });

  test("with the time of each line", async () => {
    const stamp = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z) (\w+)$/;
    const stamped = (await log("timestamps=true")).trimEnd().split("\n");
    expect(stamped.map((line) => stamp.exec(line)?.[2])).toEqual(["listening", ...lines]);
    const since = encodeURIComponent(stamp.exec(stamped[2] ?? "")?.[1] ?? "");
    // Of the same second, some are before the asked time: a log is cut at seconds by some readers, never after the time.
    expect(await log(`sinceTime=${since}`)).toContain("two\nthree\n");
    expect(await log(`sinceTime=${encodeURIComponent("2100-01-01T00:00:00Z")}`)).toBe("");
    expect(await log("sinceSeconds=3600")).toBe("listening\none\ntwo\nthree\n");
  });

  test("as it comes, until the container ends", async () => {
    await api.make(here.pods, pod("ending", { restartPolicy: "Never" }));
    await api.until(here.pods, "ending", isReady);
    const followed = ask("follow=true", "ending");
    await proxied(here.pods, "ending", "/say?text=late");
    await proxied(here.pods, "ending", "/exit?code=0");
    expect((await followed).text).toBe("listening\nlate\n");
  });

  test("of the run before, when there was one", async () => {
    await api.make(here.pods, pod("twice"));
    await api.until(here.pods, "twice", isReady);
    await proxied(here.pods, "twice", "/say?text=first");
    await proxied(here.pods, "twice", "/exit?code=3");
    await api.until(here.pods, "twice", (each) => containerState(each).restartCount === 1 && isReady(each));
    expect((await ask("previous=true", "twice")).text).toBe("listening\nfirst\n");
    expect((await ask("", "twice")).text).toBe("listening\n");
  });

  test("of a pod that has ended", async () => {
    await api.make(here.pods, pod("done", { restartPolicy: "Never", containers: [task("server", ["crash", "2"])] }));
    await api.until(here.pods, "done", (each) => each.status.phase === "Failed");
    expect((await ask("", "done")).text).toBe("starting\nboom: 2\n");
  });
});

describe("what is refused", () => {
  test.each([
    ["no container of several", "", 400, "BadRequest", "a container name must be specified for pod talking, choose one of: [server other]"],
    ["no such container", "container=none", 400, "BadRequest", "container none is not valid for pod talking"],
    [
      "no run before",
      "container=server&previous=true",
      400,
      "BadRequest",
      'previous terminated container "server" in pod "talking" not found',
    ],
    [
      "two ways to say since when",
      "container=server&sinceSeconds=5&sinceTime=2100-01-01T00:00:00Z",
      422,
      "Invalid",
      "at most one of `sinceTime` or `sinceSeconds` may be specified",
    ],
    ["less than no line", "container=server&tailLines=-1", 422, "Invalid", "must be greater than or equal to 0"],
    ["not a single byte", "container=server&limitBytes=0", 422, "Invalid", "must be greater than 0"],
  ])("%s", async (_what, query, code, reason, message) => {
    expect((await ask(query)).body).toMatchObject({ kind: "Status", code, reason, message: expect.stringContaining(message) });
  });

  test("no such pod", async () => {
    expect((await ask("", "none")).body).toMatchObject({ code: 404, reason: "NotFound", message: 'pods "none" not found' });
  });

  test("a container that waits for its image", async () => {
    await api.make(here.pods, pod("logless", {}, { image: absentImage }));
    await api.until(here.pods, "logless", (each) => waiting(each) === "ImagePullBackOff");
    expect((await ask("", "logless")).body).toMatchObject({
      code: 400,
      reason: "BadRequest",
      message: 'container "server" in pod "logless" is waiting to start: trying and failing to pull image',
    });
  });

  test("a container that waits for its init containers", async () => {
    await api.make(here.pods, pod("waiting", { initContainers: [task("hold", ["pause", "3600000"])] }));
    await api.until(here.pods, "waiting", (each) => containerState(each, "hold")?.state.running);
    expect((await ask("container=server", "waiting")).body).toMatchObject({
      code: 400,
      message: 'container "server" in pod "waiting" is waiting to start: PodInitializing',
    });
  });
});
