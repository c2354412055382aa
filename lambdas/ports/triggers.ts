import type { Trigger } from "../../domain/trigger.ts";
import type { Page, PageRequest } from "./record.ts";

/** What came in from outside, kept whatever became of it. */
export interface TriggerStore {
  /** Keeps a new one; gives the one that was kept first for the same source and key. */
  accept(trigger: Trigger): Promise<Trigger>;
  trigger(id: string): Promise<Trigger | undefined>;
  /**
   * What became of it, which was kept under the group `from` when it was looked at; its own may have been found only now. An
   * outcome without an effect does not replace one that had it.
   */
  settle(trigger: Trigger, from: string | null): Promise<void>;
  /** Newest first, one group after the other; `unknown`: also those that name no group that is known. */
  triggers(query: { groups: string[]; unknown: boolean }, page: PageRequest): Promise<Page<Trigger>>;
}
