import type { Cluster } from "../../lambdas/ports/cluster.ts";
import type { PromotionStore } from "../../lambdas/ports/promotions.ts";
import type { RecordStore } from "../../lambdas/ports/record.ts";
import type { Executor } from "./executor.ts";

// biome-ignore lint/suspicious/noExplicitAny: what is lied about has many shapes
type Any = any;
export type Calls<T> = { [name in keyof T]?: T[name] };

/** A port that lies in some of its calls. */
export const lying = <T extends object>(port: T, calls: Calls<T>): T =>
  new Proxy(port, {
    get: (object, name) => {
      const value = (calls as Any)[name] ?? Reflect.get(object, name, object);
      return typeof value === "function" ? value.bind(object) : value;
    },
  });

/** Replaced by tests that take a guard away: what an executor is given in place of the real thing. */
export interface Lies {
  record?: (record: RecordStore, executor: Executor) => RecordStore;
  cluster?: (cluster: Cluster, executor: Executor) => Cluster;
  promotions?: (promotions: PromotionStore, executor: Executor) => PromotionStore;
}
