import { DatabaseSync } from "node:sqlite";

/**
 * The engine keeps what it tells of a table's changes in one table of its file, for good, and without an index: at each write it
 * looks through all of it for the next number, and at each GetRecords for those that come after. These are that index, and
 * one for DescribeStream. Without them a write takes a millisecond for each thousand that were made before.
 */
const indexes = [
  "slipway_stream_order ON _stream_records (table_name, CAST(sequence_number AS INTEGER))",
  "slipway_stream_range ON _stream_records (table_name, shard_id, sequence_number)",
];

/** Of an engine that has started, beside it. Errors: a file that is laid out in another way, as another engine's would be. */
export function indexStreamLog(file: string): void {
  const database = new DatabaseSync(file);
  try {
    database.exec("PRAGMA busy_timeout = 5000");
    for (const index of indexes) database.exec(`CREATE INDEX IF NOT EXISTS ${index}`);
  } finally {
    database.close();
  }
}
