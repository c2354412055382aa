import { type Node, takesPods } from "../../local/doctor/nodes.ts";
import { ApiError, type KubernetesObject } from "../../local/kubeconfig/api.ts";
import type { Stage } from "./stage.ts";
import { type Tell, truth } from "./told.ts";

const patienceMilliseconds = 180_000;

/** In the middle of an update a node is emptied as `kubectl drain` does it: by evictions that disruption budgets may hold back. */
export async function drained(stage: Stage, tell: Tell): Promise<void> {
  let evicted = 0;
  let held = 0;
  const nodes = await takingPods(stage);
  const [pod] = await stage.pods();
  const node = nodes.length > 1 ? pod?.spec.nodeName : undefined;
  const counted = await stage.withoutLoss(async () => {
    const begun = await stage.system.call("PATCH", `/v1/deployments/${stage.id}`, { predictor: stage.predictor("drained") });
    if (node) await cordon(stage, node, true);
    try {
      for (const each of (await stage.pods()).filter(({ spec }) => !node || spec.nodeName === node)) {
        held += await evict(stage, each);
        evicted += 1;
      }
    } finally {
      if (node) await cordon(stage, node, false);
    }
    const operation = await stage.ended(begun.operation);
    truth(operation.outcome === "SUCCEEDED", "the update succeeds all the same", operation);
  });
  const after = await stage.answeredBy();
  truth(after === "drained", "the new revision serves", after);
  const where = node ? `the node ${node} was cordoned and emptied` : "the cluster has one node: its pods were evicted without cordoning it";
  tell(`${where} during an update: ${evicted} evicted, ${held} times held back by a budget; 0 of ${counted.requests} requests failed`);
}

const takingPods = async (stage: Stage): Promise<Node[]> => (await stage.cluster.list<Node>("/api/v1/nodes")).filter(takesPods);

const cordon = (stage: Stage, name: string, unschedulable: boolean) =>
  stage.cluster.patch(`/api/v1/nodes/${name}`, { spec: { unschedulable } });

/** Gives how often a budget said not yet. */
async function evict(stage: Stage, { metadata }: KubernetesObject): Promise<number> {
  const { name, namespace } = metadata;
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
  for (let held = 0, end = Date.now() + patienceMilliseconds; Date.now() < end; held++) {
    const refusal = await stage.cluster
      .create(`/api/v1/namespaces/${namespace}/pods/${name}/eviction`, eviction)
      .catch((error: unknown) => error);
    if (!(refusal instanceof Error)) return held;
    if (refusal instanceof ApiError && refusal.status === 404) return held;
    if (!(refusal instanceof ApiError && refusal.status === 429)) throw refusal;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  throw new Error(`the budget never let ${name} go`);
}
