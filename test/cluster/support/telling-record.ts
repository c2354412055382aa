import type { Head } from "../../../domain/deployment.ts";
import type { Observed } from "../../../domain/observed.ts";
import { MemoryRecord } from "../../doubles/memory-record.ts";

/** The record in memory, which tells of each time that what is seen was written. */
export class TellingRecord extends MemoryRecord {
  onObserved: (head: Head, observed: Observed) => void = () => undefined;

  override async saveObserved(uid: string, observed: Observed, before: Observed | undefined): Promise<void> {
    await super.saveObserved(uid, observed, before);
    const head = await this.head(uid);
    if (head) this.onObserved(head, observed);
  }
}
