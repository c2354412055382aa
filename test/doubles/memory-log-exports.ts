import type { ExportStart, LogExport, LogExports } from "../../lambdas/ports/log-exports.ts";

/** Exports in memory; who was asked to write them is kept. */
export class MemoryLogExports implements LogExports {
  readonly started: ExportStart[] = [];
  readonly states = new Map<string, LogExport>();
  readonly files = new Map<string, string>();

  readonly start = async (start: ExportStart): Promise<void> => {
    this.started.push(start);
  };

  async put(uid: string, exportId: string, state: LogExport): Promise<void> {
    this.states.set(`${uid}/${exportId}`, state);
  }

  async get(uid: string, exportId: string): Promise<LogExport | undefined> {
    return this.states.get(`${uid}/${exportId}`);
  }

  async write(uid: string, exportId: string, pieces: AsyncIterable<string>): Promise<void> {
    let text = "";
    for await (const piece of pieces) text += piece;
    this.files.set(`${uid}/${exportId}`, text);
  }

  async link(uid: string, exportId: string) {
    return { url: `https://files.example/${uid}/${exportId}`, expires_at: "2026-11-21T09:27:00.000Z" };
  }
}
