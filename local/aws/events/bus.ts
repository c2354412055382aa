import { randomUUID } from "node:crypto";
import type { AsyncInvocations } from "../../functions/async-invocations.ts";
import type { Database } from "../../storage/database.ts";
import type { Deliveries, Delivery } from "../../storage/deliveries.ts";
import { account, region } from "../../template/place.ts";
import { AwsError } from "../error.ts";
import { matchesEvent } from "./pattern.ts";
import { busName, type Rule, type Target } from "./rules.ts";
import { targetInput } from "./target-input.ts";

export interface EventEntry {
  Source?: string;
  DetailType?: string;
  Detail?: string;
  Resources?: string[];
  EventBusName?: string;
  Time?: number;
}
export interface BusOptions {
  /** Of the buses. */
  names: string[];
  rules: Rule[];
  database: Database;
  deliveries: Deliveries;
  invocations: AsyncInvocations;
  startExecution(machineArn: string, input: unknown): void;
  sendToQueue(queueArn: string, body: object): void;
  /** To a topic. */
  publish(topicArn: string, message: string): void;
  /** Told of every event that was accepted: the log group `/aws/events/<bus>` here, which AWS does not keep. */
  record(bus: string, event: object): void;
}

/** Event buses: matches what is put on them and runs what is scheduled; targets get each event at least once. */
export class EventBuses {
  private readonly options: BusOptions;
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(options: BusOptions) {
    this.options = options;
    options.database.exec("CREATE TABLE IF NOT EXISTS schedule_runs (rule TEXT PRIMARY KEY, last_run INTEGER NOT NULL)");
    options.deliveries.carry("state machine", (delivery) => this.start(delivery));
  }

  /** Errors: what PutEvents says of a single entry. Gives the event's id. */
  put(entry: EventEntry): string {
    const bus = busName(entry.EventBusName);
    if (!this.options.names.includes(bus)) throw new AwsError("ResourceNotFoundException", `Event bus ${bus} does not exist.`);
    const event = envelope(entry);
    this.publish(bus, event);
    return event.id;
  }

  publish(bus: string, event: object): void {
    this.options.record(bus, event);
    const matching = this.options.rules.filter((rule) => rule.bus === bus && rule.pattern !== null && matchesEvent(rule.pattern, event));
    for (const { targets } of matching) for (const target of targets) this.send(target, event);
  }

  /** Rules with a schedule; one that should have run while the system was down runs at once. */
  startSchedules(): void {
    for (const rule of this.options.rules) if (rule.schedule !== null) this.scheduleNext(rule);
  }

  stop(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }

  private scheduleNext(rule: Rule): void {
    const row = this.options.database.prepare("SELECT last_run FROM schedule_runs WHERE rule = ?").get(rule.name) as
      | { last_run: number }
      | undefined;
    const due = rule.schedule?.next(row?.last_run ?? Date.now()) ?? 0;
    const timer = setTimeout(
      () => {
        this.timers.delete(timer);
        this.runScheduled(rule);
        this.scheduleNext(rule);
      },
      Math.min(Math.max(0, due - Date.now()), 2 ** 31 - 1),
    );
    this.timers.add(timer);
  }

  private runScheduled(rule: Rule): void {
    this.options.database
      .prepare("INSERT INTO schedule_runs VALUES (?1, ?2) ON CONFLICT (rule) DO UPDATE SET last_run = ?2")
      .run(rule.name, Date.now());
    const event = envelope({ Source: "aws.events", DetailType: "Scheduled Event", Detail: "{}", Resources: [rule.arn] });
    for (const target of rule.targets) this.send(target, event);
  }

  private send(target: Target, event: object): void {
    const input = targetInput(target, event);
    if (target.Arn.includes(":sns:")) this.options.publish(target.Arn, typeof input === "string" ? input : JSON.stringify(input));
    else if (target.Arn.includes(":lambda:")) this.options.invocations.accept(target.Arn, input);
    else this.options.deliveries.accept("state machine", { target, input });
  }

  private async start({ payload, attempts }: Delivery): Promise<number | null> {
    const { target, input } = payload as { target: Target; input: unknown };
    try {
      this.options.startExecution(target.Arn, input);
      return null;
    } catch (error) {
      if (attempts < (target.RetryPolicy?.MaximumRetryAttempts ?? 185)) return Math.min(60_000, 1000 * 2 ** attempts);
      if (target.DeadLetterConfig === undefined) console.error(`An event for ${target.Arn} was given up:`, error, JSON.stringify(input));
      else this.options.sendToQueue(target.DeadLetterConfig.Arn, { input, error: String(error), target: target.Arn });
      return null;
    }
  }
}

function envelope(entry: EventEntry) {
  if (!entry.Source || !entry.DetailType || entry.Detail === undefined) {
    throw new AwsError("InvalidArgument", "Parameter Source, DetailType and Detail are required");
  }
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": entry.DetailType,
    source: entry.Source,
    account,
    time: new Date(entry.Time === undefined ? Date.now() : entry.Time * 1000).toISOString().replace(/\.\d{3}Z$/, "Z"),
    region,
    resources: entry.Resources ?? [],
    detail: parseDetail(entry.Detail),
  };
}

function parseDetail(detail: string): object {
  try {
    const parsed: unknown = JSON.parse(detail);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed;
  } catch {
    // Told below together with JSON that is no object.
  }
  throw new AwsError("MalformedDetail", "Detail is malformed.");
}
