import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { type SecretsOwner, secretsOwner } from "../../domain/secrets-owner.ts";
import type { Cluster, Clusters } from "../ports/cluster.ts";
import { type MaskSecrets, maskedOrWithheld, withheld } from "../ports/masking.ts";

/** Of pods with secrets, by far more than a cluster has at a time. */
const usuallyKept = 20_000;

/**
 * Clusters whose programs' own words come without the secrets of their deployment: the last words of containers that ended,
 * and logs but for those that are streamed. Only of pods that have secrets is anything asked, and of the same words once.
 */
export function maskedClusters(clusters: Clusters, maskSecrets: MaskSecrets, mostKept = usuallyKept): Clusters {
  const known = new Map<string, Cluster>();
  return async (name) => {
    const cluster = known.get(name) ?? maskedCluster(await clusters(name), new Masking(maskSecrets, mostKept));
    known.set(name, cluster);
    return cluster;
  };
}

function maskedCluster(cluster: Cluster, masking: Masking): Cluster {
  return {
    ...cluster,
    async get(kind, namespace, name) {
      const found = await cluster.get<never>(kind, namespace, name);
      if (found && kind === "Pod") await masking.noted(found);
      return found;
    },
    async list(kind, scope, keep = (object) => object) {
      // Before most of a pod is left out: what is kept may not tell any more whether it has secrets.
      const noted = (object: Parameters<typeof keep>[0]) => {
        masking.note(object);
        return keep(object);
      };
      const listed = await cluster.list(kind, scope, kind === "Pod" ? noted : keep);
      if (kind === "Pod") await Promise.all(listed.items.map((pod) => masking.mask(pod)));
      return listed;
    },
    async *watch(kind, ...given) {
      for await (const event of cluster.watch<never>(kind, ...given)) {
        if (kind === "Pod" && event.type !== "BOOKMARK") {
          await masking.noted(event.object);
        }
        yield event;
      }
    },
    async podLog(namespace, pod, options) {
      const text = await cluster.podLog(namespace, pod, options);
      return (await masking.masked(`${namespace}/${pod}`, [text]))[0] ?? "";
    },
  };
}

interface Ended {
  terminated?: { message?: string };
}
interface PodParts {
  status?: Partial<Record<"initContainerStatuses" | "containerStatuses", { state?: Ended; lastState?: Ended }[]>>;
}

class Masking {
  private readonly maskSecrets: MaskSecrets;
  private readonly mostKept: number;
  /** Whose secrets a pod has, by namespace and name. */
  private readonly owners = new Map<string, SecretsOwner>();
  private readonly said = new Map<string, string>();

  constructor(maskSecrets: MaskSecrets, mostKept: number) {
    this.maskSecrets = maskSecrets;
    this.mostKept = mostKept;
  }

  /** Remembers whether a pod has secrets. */
  note(pod: KubernetesObject): void {
    const owner = secretsOwner(pod);
    if (!owner) return;
    const key = keyOf(pod);
    this.owners.delete(key);
    this.owners.set(key, owner);
    // Only the one that was not heard of for longest goes: whoever is forgotten is told as if it had no secrets.
    const [silent] = this.owners.keys();
    if (this.owners.size > this.mostKept && silent !== undefined) this.owners.delete(silent);
  }

  noted(pod: KubernetesObject): Promise<void> {
    this.note(pod);
    return this.mask(pod);
  }

  /** Masks, in place, what its containers said last. */
  async mask(pod: KubernetesObject): Promise<void> {
    if (!this.owners.has(keyOf(pod))) return;
    const { initContainerStatuses = [], containerStatuses = [] } = (pod as PodParts).status ?? {};
    const ends = [...initContainerStatuses, ...containerStatuses].flatMap(({ state, lastState }) => [
      state?.terminated,
      lastState?.terminated,
    ]);
    for (const end of ends) if (end?.message) end.message = await this.maskedOnce(keyOf(pod), end.message);
  }

  async masked(pod: string, texts: string[]): Promise<string[]> {
    const owner = this.owners.get(pod);
    return owner ? maskedOrWithheld(this.maskSecrets, { ...owner, texts }) : texts;
  }

  private async maskedOnce(pod: string, text: string): Promise<string> {
    const key = `${pod} ${text}`;
    const known = this.said.get(key);
    if (known !== undefined) return known;
    const [masked = withheld] = await this.masked(pod, [text]);
    if (this.said.size >= this.mostKept) this.said.clear();
    if (masked !== withheld) this.said.set(key, masked);
    return masked;
  }
}

const keyOf = ({ metadata: { namespace, name } }: KubernetesObject): string => `${namespace}/${name}`;
