import type { LogSearches } from "../../lambdas/ports/log-searches.ts";

export class MemoryLogSearches implements LogSearches {
  readonly awaited = new Map<string, number>();

  async await(searchId: string, at: number): Promise<void> {
    this.awaited.set(searchId, at);
  }

  async forget(searchId: string): Promise<void> {
    this.awaited.delete(searchId);
  }

  async takeLeft(before: number): Promise<string[]> {
    const left = [...this.awaited].filter(([, at]) => at < before).map(([id]) => id);
    for (const id of left) this.awaited.delete(id);
    return left;
  }
}
