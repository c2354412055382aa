import { beforeAll, describe, expect, test } from "vitest";
import type { Any } from "./support/api-client.ts";
import { configMap } from "./support/objects.ts";
import { api, type Scene, scene } from "./target.ts";

let here: Scene;
beforeAll(async () => {
  here = await scene("watch");
});

const create = (name: string, labels: Any = {}) => api.make(here.configMaps, configMap(name, { metadata: { labels } }));
const revision = async () => (await api.get(here.configMaps)).body.metadata.resourceVersion as string;
const brief = (all: Any[]) => all.map(({ type, object }) => [type, object.metadata.name]);

test("everything after the revision, once and in order, also to a late watcher", async () => {
  await create("before");
  const from = await revision();
  const path = `${here.configMaps}?resourceVersion=${from}`;
  const watched = api.take(path, 3);
  await create("after");
  await api.patch(`${here.configMaps}/after`, { data: { a: "1" } });
  await api.delete(`${here.configMaps}/after`);
  const seen = await watched;
  expect(brief(seen)).toEqual([
    ["ADDED", "after"],
    ["MODIFIED", "after"],
    ["DELETED", "after"],
  ]);
  const revisions = seen.map(({ object }) => Number(object.metadata.resourceVersion));
  expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
  expect(revisions[0]).toBeGreaterThan(Number(from));
  expect(seen[2]?.object.data).toEqual({ a: "1" });
  expect(brief(await api.take(path, 3))).toEqual(brief(seen));
});

test("a broken watch is continued from the last version seen: nothing twice, nothing left out", async () => {
  const from = await revision();
  await create("first");
  const [first] = await api.take(`${here.configMaps}?resourceVersion=${from}`, 1);
  await create("second");
  expect(brief(await api.take(`${here.configMaps}?resourceVersion=${first?.object.metadata.resourceVersion}`, 1))).toEqual([
    ["ADDED", "second"],
  ]);
});

test("an object that ceases to match is deleted for that watcher, one that comes to match is added", async () => {
  await create("moving", { tier: "a" });
  const from = await revision();
  const path = (tier: string) => `${here.configMaps}?resourceVersion=${from}&labelSelector=tier=${tier}`;
  const [leaving, coming] = [api.take(path("a"), 1), api.take(path("b"), 1)];
  await api.patch(`${here.configMaps}/moving`, { metadata: { labels: { tier: "b" } } });
  expect(brief(await leaving)).toEqual([["DELETED", "moving"]]);
  expect(brief(await coming)).toEqual([["ADDED", "moving"]]);
  const versions = [await leaving, await coming].map(([event]) => event?.object.metadata.resourceVersion);
  expect(versions[0]).toBe(versions[1]);
});

test("without a revision the present objects come first", async () => {
  await create("present", { initial: "yes" });
  const path = `${here.configMaps}?labelSelector=initial`;
  expect(brief(await api.take(path, 1))).toEqual([["ADDED", "present"]]);
  expect(brief(await api.take(`${path}&resourceVersion=0`, 1))).toEqual([["ADDED", "present"]]);
  const [first, end] = await api.take(`${path}&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan`, 2);
  expect(first?.type).toBe("ADDED");
  expect(end).toMatchObject({ type: "BOOKMARK", object: { metadata: { annotations: { "k8s.io/initial-events-end": "true" } } } });
});

test("over all namespaces, by label", async () => {
  const from = await revision();
  const watched = api.take(`/api/v1/configmaps?resourceVersion=${from}&labelSelector=everywhere`, 1);
  await create("wide", { everywhere: "yes" });
  expect((await watched)[0]?.object.metadata).toMatchObject({ name: "wide", namespace: here.namespace });
});

test("a watch ends at its time, with a bookmark shortly before when asked for", async () => {
  const from = await revision();
  const seen: Any[] = [];
  const path = `${here.configMaps}?resourceVersion=${from}&timeoutSeconds=8&allowWatchBookmarks=true&labelSelector=none`;
  const watched = (async () => {
    for await (const event of api.watch(path)) seen.push(event);
  })();
  await create("elsewhere");
  const now = await revision();
  await watched;
  expect(seen.length).toBeGreaterThan(0);
  for (const event of seen) expect(event).toMatchObject({ type: "BOOKMARK", object: { kind: "ConfigMap", apiVersion: "v1" } });
  expect(Number(seen.at(-1).object.metadata.resourceVersion)).toBeGreaterThanOrEqual(Number(now));
});

describe("a revision that cannot be watched from", () => {
  /** A real server keeps at least 100 changes of a kind, and makes room for more until the oldest are 75 seconds old. */
  async function untilForgotten(): Promise<void> {
    await create("changing");
    const change = (count: number) => api.patch(`${here.configMaps}/changing`, { data: { count: String(count) } });
    let count = 0;
    const first = async () => {
      for (const end = count + 4; count < end; count += 1) await change(count);
      return (await api.take(`${here.configMaps}?resourceVersion=1`, 1))[0]?.type;
    };
    await expect.poll(first, { timeout: 350_000, interval: 1000 }).toBe("ERROR");
  }

  test("forgotten: 410 Expired, as the only event of the stream", async () => {
    await untilForgotten();
    const events: Any[] = [];
    for await (const event of api.watch(`${here.configMaps}?resourceVersion=1`)) events.push(event);
    expect(events).toEqual([
      { type: "ERROR", object: expect.objectContaining({ kind: "Status", code: 410, reason: "Expired", status: "Failure" }) },
    ]);
    expect(events[0].object.message).toMatch(/^too old resource version: 1 \(\d+\)$/);
  });

  test("none at all: refused", async () => {
    const { body } = await api.get(`${here.configMaps}?watch=true&resourceVersion=later`);
    expect(body).toMatchObject({
      code: 500,
      message: 'resourceVersion: Invalid value: "later": strconv.ParseUint: parsing "later": invalid syntax',
    });
  });
});
