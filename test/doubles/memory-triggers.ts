import { effects, type Trigger } from "../../domain/trigger.ts";
import type { Page, PageRequest } from "../../lambdas/ports/record.ts";
import type { TriggerStore } from "../../lambdas/ports/triggers.ts";
import { pageOfPartitions } from "./memory-page.ts";

export class MemoryTriggers implements TriggerStore {
  readonly all = new Map<string, Trigger>();

  async accept(trigger: Trigger): Promise<Trigger> {
    const first = [...this.all.values()].find(({ source, key }) => source === trigger.source && key === trigger.key);
    if (!first) this.all.set(trigger.id, structuredClone(trigger));
    return structuredClone(first ?? trigger);
  }

  async trigger(id: string): Promise<Trigger | undefined> {
    return structuredClone(this.all.get(id));
  }

  async settle(trigger: Trigger, _from: string | null): Promise<void> {
    const had = this.all.get(trigger.id)?.outcome ?? null;
    if (effects.includes(had) && !effects.includes(trigger.outcome)) return;
    this.all.set(trigger.id, structuredClone(trigger));
  }

  async triggers({ groups, unknown }: { groups: string[]; unknown: boolean }, page: PageRequest): Promise<Page<Trigger>> {
    const of = (owner: string | null) => [...this.all.values()].filter(({ group }) => group === owner);
    const owners = [...(unknown ? [null] : []), ...groups.toSorted()];
    return pageOfPartitions({ triggers: owners }, owners.map(of), page);
  }
}

export const aTrigger = (over: Partial<Trigger> = {}): Trigger => ({
  id: "01JD00000000000000000000T1",
  source: "model-studio",
  kind: "Training Job State Change",
  key: "job-1",
  group: null,
  model: null,
  version: null,
  outcome: null,
  reason: null,
  received_at: "2026-11-21T09:12:03.120Z",
  handled_at: null,
  attempts: 0,
  payload: {},
  ...over,
});
