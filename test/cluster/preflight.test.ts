import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Finding } from "../../domain/finding.ts";
import { wantedBy } from "../../domain/preflight.ts";
import { preflight } from "../../lambdas/preflight/preflight.ts";
import { systemClock } from "../../lambdas/runtime/surroundings.ts";
import { adapterOf } from "./support/adapter.ts";
import { Product } from "./support/product.ts";
import { api, cluster } from "./target.ts";

const product = new Product();
const predictor = { image: cluster.images.server };
const byCheck = (findings: Finding[]) => Object.fromEntries(findings.map((finding) => [finding.check, finding]));
const outcomes = (findings: Finding[]) => Object.fromEntries(findings.map(({ check, outcome }) => [check, outcome]));
/** What else runs on this cluster decides. */
const judged = expect.toBeOneOf(["passed", "warning", "failed"]);
const asked = {
  ...{
    schema: "passed",
    model: "passed",
    instance_type: "passed",
    cluster: "passed",
    quota: "passed",
    capacity: judged,
    two_slots: judged,
  },
  ...{ artifact: "passed", gateway: "passed", permissions: "passed", admission: "unknown" },
};

describe.skipIf(!cluster.gatewayUrl)("what would come of it", () => {
  afterAll(() => product.end());

  test("of a create: the cluster is asked, and nothing is made", async () => {
    expect(outcomes(await product.wouldStart({ predictor }))).toEqual({ ...asked, name: "passed", image: "unknown" });
    expect((await api.get(product.paths.self)).status).toBe(404);
  });

  test("of a size that no node has: which is missing", async () => {
    const { capacity, two_slots } = byCheck(await product.wouldStart({ predictor: { ...predictor, instance_type: "gpu.xlarge" } }));
    expect(capacity).toMatchObject({ outcome: "failed", message: expect.stringContaining("nvidia.com/gpu") });
    expect(capacity?.action).toContain("have such nodes added");
    expect(two_slots?.outcome).not.toBe("passed");
  });

  describe("beside what serves", () => {
    beforeAll(async () => {
      const rollout = { drain_seconds: 0, deadline_seconds: 300 };
      expect(await product.start({ predictor, rollout })).toMatchObject({ outcome: "SUCCEEDED", cause: null });
      await product.adopt();
    });

    test("of an update: its image is known by who runs it", async () => {
      const findings = await product.wouldUpdate({ predictor: { env: [{ name: "TAG", value: "next" }] } });
      expect(outcomes(findings)).toEqual({ ...asked, image: "passed" });
      expect((await product.head()).revisions.latest).toBe(1);
    });

    test("of a quota that is too small for it: what is left, and what is asked for", async () => {
      const [{ metadata }] = (await api.get(product.paths.quotas)).body.items;
      await api.patch(`${product.paths.quotas}/${metadata.name}`, { spec: { hard: { pods: "1" } } });
      await api.until(product.paths.quotas, metadata.name, ({ status }) => status?.hard?.pods === "1" && status.used?.pods === "1");
      const { quota } = byCheck(await product.wouldUpdate({ predictor: { env: [{ name: "TAG", value: "next" }] } }));
      expect(quota).toMatchObject({ outcome: "failed", message: expect.stringContaining("leaves 0 of 1 pods, asked for 1") });
    });

    test("where Slipway may not ask: that it could not, and what to do", async () => {
      const head = await product.head();
      const revision = await product.record.revision(head.uid, 1);
      if (!revision) throw new Error("the first revision is not in the record");
      const question = { deployment: head, revision, serving_epoch: 1 };
      expect(wantedBy(question)).toMatchObject([{ component: "predictor", count: 1 }]);
      const found = byCheck(await preflight(question, { clusters: async () => adapterOf("nobody").cluster, after: systemClock.sleep }));
      for (const check of ["cluster", "quota", "capacity", "gateway", "permissions"])
        expect(found[check]).toMatchObject({
          outcome: "unknown",
          message: expect.stringContaining("forbidden"),
          action: expect.any(String),
        });
    });
  });
});
