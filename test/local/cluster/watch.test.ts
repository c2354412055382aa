import { afterAll, beforeAll, expect, test } from "vitest";
import type { Any } from "./support/api-client.ts";
import { type ClusterUnderTest, startTestCluster } from "./support/cluster-under-test.ts";
import { namespaced } from "./support/objects.ts";

const configMaps = `${namespaced}/configmaps`;
const history = 20;

let it: ClusterUnderTest;
beforeAll(async () => {
  it = await startTestCluster({ watchHistory: history });
});
afterAll(() => it.stop());

const create = (name: string, labels: Any = {}) =>
  it.api.create(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels } });
const revision = async () => (await it.api.get(configMaps)).body.metadata.resourceVersion as string;

async function take(path: string, count: number): Promise<Any[]> {
  const taken: Any[] = [];
  for await (const event of it.api.watch(path)) {
    taken.push(event);
    if (taken.length === count) break;
  }
  return taken;
}
const brief = (all: Any[]) => all.map(({ type, object }) => [type, object.metadata.name]);

test("everything after the revision, once and in order", async () => {
  await create("before");
  const from = await revision();
  const watched = take(`${configMaps}?resourceVersion=${from}`, 3);
  await create("after");
  await it.api.patch(`${configMaps}/after`, { data: { a: "1" } });
  await it.api.delete(`${configMaps}/after`);
  const seen = await watched;
  expect(brief(seen)).toEqual([
    ["ADDED", "after"],
    ["MODIFIED", "after"],
    ["DELETED", "after"],
  ]);
  const revisions = seen.map(({ object }) => Number(object.metadata.resourceVersion));
  expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
  expect(revisions[0]).toBeGreaterThan(Number(from));
  // What has already happened is told to a late watcher just the same.
  expect(brief(await take(`${configMaps}?resourceVersion=${from}`, 3))).toEqual(brief(seen));
});

test("an object that ceases to match is deleted for that watcher, one that comes to match is added", async () => {
  await create("moving", { tier: "a" });
  const from = await revision();
  const path = (tier: string) => `${configMaps}?resourceVersion=${from}&labelSelector=tier=${tier}`;
  const [leaving, coming] = [take(path("a"), 1), take(path("b"), 1)];
  await it.api.patch(`${configMaps}/moving`, { metadata: { labels: { tier: "b" } } });
  expect(brief(await leaving)).toEqual([["DELETED", "moving"]]);
  expect(brief(await coming)).toEqual([["ADDED", "moving"]]);
  expect((await leaving)[0].object.metadata.resourceVersion).toBe((await coming)[0].object.metadata.resourceVersion);
});

test("without a revision the present objects come first", async () => {
  await create("present", { initial: "yes" });
  const path = `${configMaps}?labelSelector=initial`;
  expect(brief(await take(path, 1))).toEqual([["ADDED", "present"]]);
  expect(brief(await take(`${path}&resourceVersion=0`, 1))).toEqual([["ADDED", "present"]]);
  const [first, end] = await take(`${path}&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan`, 2);
  expect(first.type).toBe("ADDED");
  expect(end).toMatchObject({ type: "BOOKMARK", object: { metadata: { annotations: { "k8s.io/initial-events-end": "true" } } } });
});

test("a watch ends at its time, with a bookmark shortly before when asked for", async () => {
  const from = await revision();
  const seen: Any[] = [];
  const watched = (async () => {
    for await (const event of it.api.watch(
      `${configMaps}?resourceVersion=${from}&timeoutSeconds=3&allowWatchBookmarks=true&labelSelector=none`,
    ))
      seen.push(event);
  })();
  await create("elsewhere");
  const now = await revision();
  await watched;
  expect(seen).toEqual([{ type: "BOOKMARK", object: expect.objectContaining({ kind: "ConfigMap", apiVersion: "v1" }) }]);
  expect(Number(seen[0].object.metadata.resourceVersion)).toBeGreaterThanOrEqual(Number(now));
});

test("a revision that is forgotten is 410 Expired: in the stream of a watch, as the answer of a continued list", async () => {
  for (const name of ["c1", "c2"]) await create(name, { page: "yes" });
  const first = (await it.api.get(`${configMaps}?labelSelector=page&limit=1`)).body;
  const from = await revision();
  for (let count = 0; count < 2 * history + 1; count += 1) await create(`fill-${count}`);
  const [event] = await take(`${configMaps}?resourceVersion=${from}`, 1);
  expect(event).toMatchObject({ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired", status: "Failure" } });
  expect(event.object.message).toMatch(new RegExp(`^too old resource version: ${from} \\(\\d+\\)$`));
  const next = await it.api.get(`${configMaps}?labelSelector=page&limit=1&continue=${first.metadata.continue}`);
  expect(next.body).toMatchObject({
    code: 410,
    reason: "Expired",
    message: expect.stringContaining("The provided continue parameter is too old"),
  });
});

test("a restart forgets the past but not the present", async () => {
  await create("lasting");
  const from = await revision();
  it = await it.restart();
  const now = await revision();
  expect(Number(now)).toBeGreaterThanOrEqual(Number(from));
  const watched = take(`${configMaps}?resourceVersion=${now}`, 1);
  await create("fresh");
  expect(brief(await watched)).toEqual([["ADDED", "fresh"]]);
  expect((await take(`${configMaps}?resourceVersion=1`, 1))[0].object.code).toBe(410);
});
