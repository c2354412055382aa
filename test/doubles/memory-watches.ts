import { isWatched, nobodyWatches, type Watch } from "../../domain/freshness.ts";
import type { Claim, Watches } from "../../lambdas/ports/watches.ts";

/** Who watches which cluster, in memory, under the conditions of the port. */
export class MemoryWatches implements Watches {
  readonly kept = new Map<string, Watch>();

  async find(cluster: string): Promise<Watch> {
    return structuredClone(this.kept.get(cluster) ?? nobodyWatches);
  }

  async tellLook(cluster: string, at: string, notAfter: string): Promise<Watch | undefined> {
    const watch = await this.find(cluster);
    if (watch.looked_at !== null && watch.looked_at >= notAfter) return undefined;
    return this.keep(cluster, { ...watch, looked_at: at });
  }

  async hold(cluster: string, { holder, now, until, seen }: Claim): Promise<Watch | undefined> {
    const watch = await this.find(cluster);
    if (watch.holder !== holder && isWatched(watch, Date.parse(now))) return undefined;
    return this.keep(cluster, { ...watch, holder, until, ...(seen && { seen_at: seen.at, behind: seen.behind }) });
  }

  async release(cluster: string, holder: string): Promise<void> {
    const watch = await this.find(cluster);
    if (watch.holder === holder) this.keep(cluster, { ...watch, holder: null, until: null });
  }

  private keep(cluster: string, watch: Watch): Watch {
    this.kept.set(cluster, watch);
    return structuredClone(watch);
  }
}
