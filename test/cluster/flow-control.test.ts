import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { adapterOf } from "./support/adapter.ts";
import { identities } from "./support/cluster-info.ts";
import { api, as, isLocal, type Scene, scene } from "./target.ts";

const flowControl = "/apis/flowcontrol.apiserver.k8s.io/v1";
const apiVersion = "flowcontrol.apiserver.k8s.io/v1";
const throttled = "slipway-suite-throttled";
const levels = `${flowControl}/prioritylevelconfigurations`;
const schemas = `${flowControl}/flowschemas`;

/** A level with one seat and no queue: whoever comes while it is taken is told to come later. */
const level = {
  apiVersion,
  kind: "PriorityLevelConfiguration",
  metadata: { name: throttled },
  spec: {
    type: "Limited",
    limited: { nominalConcurrencyShares: 0, lendablePercent: 0, borrowingLimitPercent: 0, limitResponse: { type: "Reject" } },
  },
};
const everything = { verbs: ["*"], apiGroups: ["*"], resources: ["*"], namespaces: ["*"], clusterScope: true };
const schema = {
  apiVersion,
  kind: "FlowSchema",
  metadata: { name: throttled },
  spec: {
    priorityLevelConfiguration: { name: throttled },
    matchingPrecedence: 2,
    rules: [{ subjects: [{ kind: "User", user: { name: identities.throttled.user } }], resourceRules: [everything] }],
  },
};

// The local cluster stores these objects and holds nobody back.
describe.skipIf(isLocal)("an identity that priority and fairness holds back", () => {
  let here: Scene;
  beforeAll(async () => {
    here = await scene("flow-control");
    await remove();
  });
  afterAll(remove);

  test("is told so with 429 and when to come again; the adapter comes again until it is answered", async () => {
    await api.make(levels, level);
    await api.make(schemas, schema);
    const burst = <T>(ask: () => Promise<T>) => Promise.all(Array.from({ length: 30 }, ask));
    const raw = () => burst(() => as("throttled").get(here.pods));
    await expect.poll(async () => (await raw()).map(({ status }) => status)).toContain(429);
    const refusals = (await raw()).filter(({ status }) => status === 429);
    for (const { headers } of refusals) expect(headers["retry-after"]).toMatch(/^\d+$/);

    const before = await rejected();
    const { cluster } = adapterOf("throttled");
    const lists = await burst(() => cluster.list("Pod", { namespace: here.namespace }));
    expect(await rejected()).toBeGreaterThan(before);
    for (const { items } of lists) expect(items).toEqual([]);
  });

  /** How many requests the level has turned away. */
  async function rejected(): Promise<number> {
    const { text } = await api.get("/debug/api_priority_and_fairness/dump_priority_levels");
    const [names = [], counts = []] = [/^PriorityLevelName.*$/m, new RegExp(`^${throttled},.*$`, "m")].map((line) =>
      (line.exec(text)?.[0] ?? "").split(",").map((cell) => cell.trim()),
    );
    return Number(counts[names.indexOf("RejectedRequests")]);
  }

  async function remove(): Promise<void> {
    await Promise.all([api.delete(`${schemas}/${throttled}`), api.delete(`${levels}/${throttled}`)]);
  }
});
