import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KubernetesError } from "../../lambdas/ports/cluster.ts";
import { minutes, seconds, type WatchedCluster, watchedCluster } from "./watched-cluster.ts";

let { scene, run, passes, state, breakDown, end } = {} as WatchedCluster;
beforeEach(async () => {
  ({ scene, run, passes, state, breakDown, end } = await watchedCluster());
});
afterEach(() => end());

describe("an instance that ends while nobody changes anything", () => {
  const failures = () => (scene.record.events_.get(scene.uid) ?? []).filter(({ type }) => type === "Instance Failed");

  it("leaves its cause and its last lines with the deployment's events, once", async () => {
    scene.cluster.podLog = async (_namespace, _pod, { previous }) => (previous ? "loading\nAPI_KEY=hunter2\nno such model\n" : "");
    void run();
    await passes(10 * seconds);
    breakDown("crashes");
    await passes(2 * minutes);
    expect(failures()).toMatchObject([
      {
        actor: "slipway",
        operation_id: null,
        message: expect.stringMatching(
          /^predictor of revision 1 \(blue\): instance .*-abc-0 ended: Error, exit code 1, restarted 4 times: no such model$/,
        ),
        after: { container_name: "predictor", restarts: 4, log: ["loading", "API_KEY=[masked]", "no such model"] },
      },
    ]);
    const [key = ""] = [...scene.kept.keys()].filter((each) => each.includes("/instances/"));
    expect(failures()[0]?.after?.evidence_key).toBe(key);
    expect(JSON.stringify(scene.kept.get(key))).not.toContain("hunter2");
  });

  it("is told of even when its log cannot be read any more", async () => {
    scene.cluster.podLog = async () => {
      throw new KubernetesError(404, "NotFound", "pods not found");
    };
    void run();
    await passes(10 * seconds);
    breakDown("crashes");
    await passes(30 * seconds);
    expect(failures()).toHaveLength(1);
    expect((await state()).health).toBe("failed");
  });

  it("is told of when it was evicted", async () => {
    void run();
    await passes(10 * seconds);
    const pod = [...scene.cluster.objects.values()].find(({ kind }) => kind === "Pod");
    const status = { ...(pod?.status as object), phase: "Failed", reason: "Evicted", message: "The node was low on resource: memory." };
    scene.cluster.put({ ...structuredClone(pod), status } as never);
    await passes(30 * seconds);
    expect(failures().map(({ message }) => message)).toEqual([expect.stringMatching(/instance .* was lost: Evicted$/)]);
    expect((await state()).condition).toMatchObject({ type: "SCHEDULED", reason: "Evicted" });
  });
});
