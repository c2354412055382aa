import type { LogPlace } from "./log-history.ts";

/** What an export has come to. */
export interface LogExport {
  status: "RUNNING" | "SUCCEEDED" | "FAILED";
  started_at: string;
  ended_at: string | null;
  lines: number;
  bytes: number;
  /** Why it failed; empty otherwise. */
  message: string;
  /** Of the request, when it may be repeated under a key. */
  request_hash?: string | null;
}

/** Files of lines, each under its deployment; they are removed after some days. */
export interface LogExports {
  put(uid: string, exportId: string, state: LogExport): Promise<void>;
  /** undefined when there is none, or no more. */
  get(uid: string, exportId: string): Promise<LogExport | undefined>;
  /** Writes the file piece by piece, of which one is in memory at a time. Nothing is there until all of it is. */
  write(uid: string, exportId: string, pieces: AsyncIterable<string>): Promise<void>;
  /** Whoever has it may read the file until it expires. RFC 3339. */
  link(uid: string, exportId: string): Promise<{ url: string; expires_at: string }>;
}

/** What the function that writes is started with. */
export interface ExportStart {
  uid: string;
  export_id: string;
  started_at: string;
  request_hash: string | null;
  place: LogPlace;
  container_name?: string | undefined;
  /** Its secrets are known no more. */
  is_deleted: boolean;
}
export type StartExport = (start: ExportStart) => Promise<void>;
