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
