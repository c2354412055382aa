import type { Cluster } from "../../../lambdas/ports/cluster.ts";
import type { IdentityName } from "../support/cluster-info.ts";

/**
 * Execution environments as Lambda has them: each has one event at a time and a client of its own, whose connections stay
 * warm; a function has as many of them as it has ever had events at once.
 */
export class Environments {
  private readonly make: (identity: IdentityName) => Cluster;
  private readonly idle = new Map<string, Cluster[]>();

  constructor(make: (identity: IdentityName) => Cluster) {
    this.make = make;
  }

  take(identity: IdentityName, functionName: string): Cluster {
    return this.idle.get(functionName)?.pop() ?? this.make(identity);
  }

  giveBack(functionName: string, cluster: Cluster): void {
    const idle = this.idle.get(functionName) ?? [];
    this.idle.set(functionName, idle);
    idle.push(cluster);
  }
}
