import { lineTime, plainText } from "../../domain/log-line.ts";
import { maskedLines, revisionByName } from "../operations/masked-lines.ts";
import type { ExportStart, LogExport, LogExports } from "../ports/log-exports.ts";
import { type LogHistory, LogsThrottled, NoLogs } from "../ports/log-history.ts";
import type { MaskSecrets } from "../ports/masking.ts";
import type { Clock, Log } from "../ports/surroundings.ts";

export interface ExportPorts {
  history: LogHistory;
  exports: LogExports;
  maskSecrets: MaskSecrets;
  clock: Clock;
  log: Log;
}

/** Kept to say that there was not enough time. */
const lastMilliseconds = 30_000;

/** Writes the file and says what came of it. However large, a page of lines and a part of the file are in memory. */
export async function writeLogExport(start: ExportStart, ports: ExportPorts, remainingMilliseconds: () => number): Promise<void> {
  const { uid, export_id, started_at, request_hash } = start;
  const written = { lines: 0, bytes: 0 };
  const end = (status: LogExport["status"], message: string) =>
    ports.exports.put(uid, export_id, {
      status,
      started_at,
      ended_at: new Date(ports.clock.now()).toISOString(),
      ...written,
      message,
      request_hash,
    });
  try {
    await ports.exports.write(uid, export_id, texts(start, ports, written, remainingMilliseconds));
  } catch (error) {
    if (!(error instanceof OutOfTime)) ports.log.warn(`export ${export_id} of ${uid} failed`, error as Error);
    const reason = error instanceof OutOfTime || error instanceof LogsThrottled ? error.message : "something went wrong on our side";
    return end("FAILED", `${reason}. Ask for another one, for a shorter time by since and until`);
  }
  return end("SUCCEEDED", "");
}

class OutOfTime extends Error {}

async function* texts(
  { uid, place, container_name, is_deleted }: ExportStart,
  { history, maskSecrets }: ExportPorts,
  written: { lines: number; bytes: number },
  remainingMilliseconds: () => number,
): AsyncGenerator<string> {
  try {
    for await (const lines of history.all(place, container_name)) {
      if (remainingMilliseconds() < lastMilliseconds)
        throw new OutOfTime("there are more lines than could be written in the time that there is");
      const told = await maskedLines(maskSecrets, { uid, is_deleted }, lines, revisionByName(place.deployment));
      const text = told
        .map((line) => `${lineTime(line.time)} ${line.instance}/${line.container_name} ${plainText(line.message)}\n`)
        .join("");
      written.lines += lines.length;
      written.bytes += Buffer.byteLength(text);
      if (text !== "") yield text;
    }
  } catch (error) {
    // Of a cluster from which nothing was ever collected the file is empty.
    if (!(error instanceof NoLogs)) throw error;
  }
}
