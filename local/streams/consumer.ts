import { setTimeout as delay } from "node:timers/promises";
import type { EngineClient } from "../aws/dynamodb/client.ts";
import { matchesEvent } from "../aws/events/pattern.ts";
import type { InvocationResult } from "../aws/service.ts";
import type { Database } from "../storage/database.ts";
import { region } from "../template/place.ts";
import { deliverBatch, type StreamRecord } from "./batch.ts";
import type { StreamMapping } from "./mapping.ts";

export interface ConsumerOptions {
  mapping: StreamMapping;
  /** The engine's own name of the stream. */
  engine_stream_arn: string;
  engine: EngineClient;
  database: Database;
  invoke(functionName: string, payload: object): Promise<InvocationResult>;
  sendToQueue(queueArn: string, body: object): void;
}

/** Writes that pass by this process wake the consumer; this is for all others. */
const pollMilliseconds = 10_000;

/** Reads a table's stream from where the last run left off and gives its records to the function, in order. */
export class StreamConsumer {
  private readonly options: ConsumerOptions;
  private readonly stopping = new AbortController();
  /** Those with something to come; asked for anew when one has ended, since others take its place, and after a failure. */
  private shards: string[] = [];
  private readonly ended = new Set<string>();
  /** Where to read on, by shard. */
  private readonly iterators = new Map<string, string>();
  private wakeUp = (): void => {};
  private woken = false;
  private loop: Promise<void> = Promise.resolve();

  constructor(options: ConsumerOptions) {
    this.options = options;
    options.database.exec(
      "CREATE TABLE IF NOT EXISTS stream_positions (mapping TEXT NOT NULL, shard TEXT NOT NULL, sequence TEXT NOT NULL, PRIMARY KEY (mapping, shard))",
    );
  }

  start(): void {
    this.loop = this.run();
  }

  /** Something was written: look at the stream now. */
  wake(): void {
    this.woken = true;
    this.wakeUp();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.wakeUp();
    await this.loop;
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      this.woken = false;
      try {
        if (this.shards.length === 0) this.shards = await this.listShards();
        for (const shard of this.shards) await this.readShard(shard);
      } catch (error) {
        if (this.stopping.signal.aborted) return;
        this.shards = [];
        console.error(`Reading the stream for ${this.options.mapping.function_name} failed and will be tried again:`, error);
      }
      await this.sleepUntilWoken();
    }
  }

  private async sleepUntilWoken(): Promise<void> {
    if (this.woken || this.stopping.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pollMilliseconds);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private async listShards(): Promise<string[]> {
    const { engine, engine_stream_arn } = this.options;
    const answer = await engine.streams<{ StreamDescription: { Shards?: { ShardId: string }[] } }>("DescribeStream", {
      StreamArn: engine_stream_arn,
    });
    return (answer.StreamDescription.Shards ?? []).map(({ ShardId }) => ShardId).filter((shard) => !this.ended.has(shard));
  }

  private async readShard(shard: string): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const iterator = this.iterators.get(shard) ?? (await this.iterator(shard));
      // Put back only once everything read by it is done; after a failure reading begins again from what is remembered.
      this.iterators.delete(shard);
      const page = await this.options.engine.streams<{ Records: StreamRecord[]; NextShardIterator?: string }>("GetRecords", {
        ShardIterator: iterator,
        Limit: 1000,
      });
      await this.deliver(shard, page.Records);
      if (page.NextShardIterator === undefined) return this.end(shard);
      this.iterators.set(shard, page.NextShardIterator);
      if (page.Records.length === 0) return;
    }
  }

  private end(shard: string): void {
    this.ended.add(shard);
    this.woken = true;
    this.shards = [];
  }

  private async iterator(shard: string): Promise<string> {
    const { engine, engine_stream_arn, mapping, database } = this.options;
    const row = database.prepare("SELECT sequence FROM stream_positions WHERE mapping = ? AND shard = ?").get(mapping.id, shard);
    const from =
      row === undefined
        ? { ShardIteratorType: mapping.starting_position }
        : { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: row.sequence };
    const answer = await engine.streams<{ ShardIterator: string }>("GetShardIterator", {
      StreamArn: engine_stream_arn,
      ShardId: shard,
      ...from,
    });
    return answer.ShardIterator;
  }

  private async deliver(shard: string, records: StreamRecord[]): Promise<void> {
    const { mapping, invoke, sendToQueue } = this.options;
    const wanted = records.filter(
      (record) => mapping.filters.length === 0 || mapping.filters.some((filter) => matchesEvent(filter, record)),
    );
    for (let start = 0; start < wanted.length; start += mapping.batch_size) {
      await deliverBatch(
        wanted.slice(start, start + mapping.batch_size).map((record) => this.asOnAws(record)),
        {
          mapping,
          invoke: async (payload) => {
            const result = await invoke(mapping.function_name, payload);
            // What a stopping system breaks off has not failed: it stays undone for the next start.
            this.stopping.signal.throwIfAborted();
            return result;
          },
          done: (finished) => this.remember(shard, finished.at(-1)?.dynamodb.SequenceNumber),
          setAside: (failed, condition) => this.setAside(shard, failed, condition, sendToQueue),
          wait: (milliseconds) => delay(milliseconds, undefined, { signal: this.stopping.signal }),
          now: Date.now,
        },
      );
    }
    this.remember(shard, records.at(-1)?.dynamodb.SequenceNumber);
  }

  private asOnAws(record: StreamRecord): StreamRecord {
    return { ...record, awsRegion: region, eventSourceARN: this.options.mapping.stream_arn };
  }

  private remember(shard: string, sequence: string | undefined): void {
    if (sequence === undefined) return;
    this.options.database.prepare("INSERT OR REPLACE INTO stream_positions VALUES (?, ?, ?)").run(this.options.mapping.id, shard, sequence);
  }

  /** The place in the stream and not the records: that is what AWS keeps, too. */
  private setAside(shard: string, failed: StreamRecord[], condition: string, sendToQueue: ConsumerOptions["sendToQueue"]): void {
    const { mapping } = this.options;
    const body = {
      version: "1.0",
      timestamp: new Date().toISOString(),
      requestContext: { functionArn: mapping.function_name, condition },
      DDBStreamBatchInfo: {
        shardId: shard,
        startSequenceNumber: failed[0]?.dynamodb.SequenceNumber,
        endSequenceNumber: failed.at(-1)?.dynamodb.SequenceNumber,
        batchSize: failed.length,
        streamArn: mapping.stream_arn,
      },
    };
    if (mapping.on_failure === null) console.error(`Stream records were given up (${condition}):`, JSON.stringify(body));
    else sendToQueue(mapping.on_failure, body);
  }
}
