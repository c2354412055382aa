import type { Kind, KubernetesObject } from "../../domain/kubernetes.ts";
import type { Unseen } from "../../domain/observed.ts";
import { oneLine } from "../../domain/slot-condition/finding.ts";
import { type Cluster, isRefusal, type KubernetesError, type Scope } from "../ports/cluster.ts";

/** Without these nothing can be said of what runs. Whatever else is refused is said not to have been seen. */
export const needed: readonly Kind[] = ["Deployment", "Pod"];

export const unseenBy = (kind: Kind, { message }: KubernetesError): Unseen => ({ kind, message: oneLine(message) });

/** What there is of a kind; nothing, and that it could not be seen, where the cluster refuses to tell. */
export async function listSeen(
  cluster: Pick<Cluster, "list">,
  kind: Kind,
  scope: Scope,
): Promise<{ items: KubernetesObject[]; unseen: Unseen[] }> {
  try {
    return { items: (await cluster.list(kind, scope)).items, unseen: [] };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { items: [], unseen: [unseenBy(kind, error)] };
  }
}
