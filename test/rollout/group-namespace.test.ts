import { beforeEach, describe, expect, it } from "vitest";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { KubernetesError } from "../../lambdas/ports/cluster.ts";
import { makeNamespace } from "../../lambdas/rollout/group-namespace.ts";
import { aHead } from "../doubles/deployments.ts";
import { MemoryCluster } from "../doubles/memory-cluster.ts";

const head = aHead();
const { namespace } = head.place;
let cluster: MemoryCluster;

beforeEach(async () => {
  cluster = new MemoryCluster();
  await makeNamespace(cluster, head);
  cluster.mutations.length = 0;
});

const policy = async () => (await cluster.get("NetworkPolicy", namespace, "model-servers")) as KubernetesObject;
/** As builds made it that wrote no number on it, and let in the gateway alone. */
const makeEarlier = () =>
  cluster.patch("NetworkPolicy", namespace, "model-servers", {
    metadata: { annotations: null },
    spec: { ingress: [{ from: [{ podSelector: {} }] }] },
  });
async function refusedBy(code: number) {
  await makeEarlier();
  cluster.patch = async () => {
    throw new KubernetesError(code, "Refused", "no");
  };
  return makeNamespace(cluster, head);
}

describe("a group's namespace that is there", () => {
  it("is left as it is", async () => {
    await makeNamespace(cluster, head);
    expect(cluster.mutations).toEqual([]);
  });

  it("has the policy of this build from then on where an earlier one has made it", async () => {
    const { spec } = await policy();
    await makeEarlier();
    cluster.mutations.length = 0;
    await makeNamespace(cluster, head);
    expect((await policy()).spec).toEqual(spec);
    await makeNamespace(cluster, head);
    expect(cluster.mutations).toEqual(["patch NetworkPolicy model-servers"]);
  });

  it("keeps what a person has changed in the policy of this build, and what a later build has made", async () => {
    const own = { ingress: [] };
    await cluster.patch("NetworkPolicy", namespace, "model-servers", { spec: own });
    await makeNamespace(cluster, head);
    expect((await policy()).spec).toMatchObject(own);
    const later = { metadata: { annotations: { "slipway.dev/template": "1000" } }, spec: { egress: [] } };
    await cluster.patch("NetworkPolicy", namespace, "model-servers", later);
    await makeNamespace(cluster, head);
    expect((await policy()).spec).toMatchObject(later.spec);
  });

  it("keeps a policy of that name that is nobody's of ours", async () => {
    await makeEarlier();
    await cluster.patch("NetworkPolicy", namespace, "model-servers", { metadata: { labels: { "app.kubernetes.io/managed-by": "helm" } } });
    cluster.mutations.length = 0;
    await makeNamespace(cluster, head);
    expect(cluster.mutations).toEqual([]);
  });

  it.each([
    ["somebody else was faster", 409],
    ["the cluster's roles are of an earlier build", 403],
  ])("holds no deployment up where %s", async (_why, code) => {
    await expect(refusedBy(code)).resolves.toBeUndefined();
  });

  it("says what else is wrong", async () => {
    await expect(refusedBy(422)).rejects.toMatchObject({ code: 422 });
  });
});
