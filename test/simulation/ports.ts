import type { Cluster } from "../../lambdas/ports/cluster.ts";
import type { EvidenceStore } from "../../lambdas/ports/evidence.ts";
import type { PromotionWorkflow } from "../../lambdas/ports/promotion-workflow.ts";
import type { PromotionStore } from "../../lambdas/ports/promotions.ts";
import type { RecordStore } from "../../lambdas/ports/record.ts";
import type { SecretValues } from "../../lambdas/ports/secrets.ts";
import type { TriggerStore } from "../../lambdas/ports/triggers.ts";
import type { Workflows } from "../../lambdas/ports/workflows.ts";
import type { Effects, Target } from "./effects.ts";
import { type Executor, forever } from "./executor.ts";

const writes: Record<Target, ReadonlySet<string>> = {
  record: new Set([
    ...["commit", "enterStep", "saveSlots", "annotate", "saveEvidence", "endOperation", "saveObserved", "pinDigests"],
    ...["registerVersion", "removeClients"],
  ]),
  cluster: new Set(["create", "patch", "remove"]),
  workflows: new Set(["start", "stop", "wake"]),
  secrets: new Set(["forget"]),
  evidence: new Set(["put"]),
  promotions: new Set(["change"]),
  triggers: new Set(["accept", "settle"]),
};

/** Before each call of an executor: waits as long as the network takes, and may throw what the network does. */
export type Network = (executor: Executor, target: Target, call: string) => Promise<void> | undefined;

type Port = RecordStore | Cluster | Workflows | SecretValues | EvidenceStore | PromotionStore | PromotionWorkflow | TriggerStore;

export interface Surroundings {
  effects: Effects;
  network: Network;
  /** Around the very moment of an effect. */
  acting<T>(executor: Executor, act: () => T): T;
  /** After each effect that took place. */
  written(executor: Executor, target: Target, call: string, given: unknown[]): void;
}

/** A port as one executor has it: it ends with the executor, and its effects are those that may go wrong. */
export function portOf<T extends Port>(
  port: T,
  target: Target,
  executor: Executor,
  { effects, network, acting, written }: Surroundings,
): T {
  return new Proxy(port, {
    get(object, property) {
      const value = Reflect.get(object, property, object) as unknown;
      if (typeof value !== "function" || typeof property !== "string") return value;
      if (property === "watch")
        return (...given: unknown[]) => watching(executor, network(executor, target, property), value.apply(object, given));
      const isWrite = writes[target].has(property);
      return async (...given: unknown[]) => {
        await network(executor, target, property);
        if (!executor.isAlive) return forever();
        if (!isWrite) {
          const read = await value.apply(object, given);
          return executor.isAlive ? read : forever();
        }
        return effects.perform(executor, target, wordsOf(target, property, given), async () => {
          const result = await acting(executor, () => value.apply(object, given));
          written(executor, target, property, given);
          return result;
        });
      };
    },
  });
}

async function* watching<T>(executor: Executor, opened: ReturnType<Network>, events: AsyncIterable<T>): AsyncGenerator<T> {
  await opened;
  for await (const event of events) {
    if (!executor.isAlive) await forever();
    yield event;
  }
}

function wordsOf(target: Target, call: string, given: unknown[]): string {
  const [first, second, third] = given as [{ kind?: string; metadata?: { name?: string } }, unknown, unknown];
  if (target === "cluster") return call === "create" ? `create ${first.kind} ${first.metadata?.name}` : `${call} ${first} ${third}`;
  if (call === "enterStep") return `enterStep ${second}`;
  if (call === "saveSlots") return `saveSlots ${JSON.stringify(second)}`;
  if (call === "wake") return call;
  if (target === "workflows" || target === "evidence") return `${call} ${first}`;
  return call;
}
