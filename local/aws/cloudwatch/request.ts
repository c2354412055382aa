import { type Body, type QueryRequest, queryRequest } from "../query-protocol.ts";
import type { AwsCall } from "../service.ts";

/** What a call asks for, whichever of the two protocols of the service it came in. */
export interface CloudWatchRequest extends QueryRequest {
  /** AWS Query, as older clients speak: a form in, XML out. */
  isQuery: boolean;
}

const numbers = ["Period", "EvaluationPeriods", "DatapointsToAlarm", "Threshold", "MaxRecords"];

export function cloudWatchRequest(call: AwsCall): CloudWatchRequest {
  const { action, body } = call;
  if (action === null) return { ...queryRequest(call, { numbers, booleans: ["ActionsEnabled"] }), isQuery: true };
  return { action, body: JSON.parse(body.toString("utf8") || "{}") as Body, isQuery: false };
}
