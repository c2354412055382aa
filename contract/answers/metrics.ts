import * as z from "zod";
import { components } from "../../domain/words.ts";
import { at, count, slot, strict, text } from "./words.ts";

const share = z.number().min(0);
/** What nobody has observed is null, and so is what no request can tell of: no traffic is no success. */
const point = strict({
  at,
  /** How much of the step was observed. */
  observed_seconds: count,
  requests: count.nullable(),
  requests_per_second: share.nullable(),
  /** Answers with a status of 500 or more. */
  server_errors: count.nullable(),
  /** Answers with a status from 400 to 499. */
  client_errors: count.nullable(),
  /** Of the requests, those that were answered without an error of the server. */
  success_rate_percent: share.max(100).nullable(),
  latency_p50_ms: share.nullable(),
  latency_p95_ms: share.nullable(),
  latency_p99_ms: share.nullable(),
});
/** Of a counter how much it grew, of a gauge the mean of what instances told, of a distribution the mean of what was observed. */
const reportedPoint = strict({
  at,
  value: z.number().nullable(),
  /** Of a distribution, how often something was observed. */
  count: z.number().nullable(),
});
const reported = strict({
  name: text,
  kind: z.enum(["counter", "gauge", "distribution"]),
  component: z.enum(components),
  labels: z.record(text, text),
  points: z.array(reportedPoint),
  total: reportedPoint,
});
const series = strict({
  /** What the metrics are of, where they are asked for by it; all null: of the whole deployment. */
  slot: slot.nullable(),
  revision: count.nullable(),
  model: strict({ name: text, version: count }).nullable(),
  /** Who asked; what has no client, as every public request, is in no such series. */
  client: text.nullable(),
  /** One for each step, oldest first. */
  points: z.array(point),
  /** The whole time as one. */
  total: point,
  /** What servers told of themselves, in the same steps. */
  reported: z.array(reported),
});
export const metrics = strict({
  from: at,
  to: at,
  step_seconds: count,
  series: z.array(series),
  /** Why nothing can be told, or what is missing. */
  note: text.nullable(),
  /** Why servers told nothing of themselves, or what of it is missing. */
  reported_note: text.nullable(),
});
