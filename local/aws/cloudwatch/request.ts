import { cborHeaders, decodeCbor } from "../cbor.ts";
import { type Body, type QueryRequest, queryRequest } from "../query-protocol.ts";
import type { AwsCall } from "../service.ts";

/** What a call asks for, whichever of the protocols of the service it came in. */
export interface CloudWatchRequest extends QueryRequest {
  /** AWS Query, as older clients speak (a form in, XML out); JSON; or CBOR, as newer ones do, Go's and Java's among them. */
  protocol: "query" | "json" | "cbor";
}

const numbers = ["Period", "EvaluationPeriods", "DatapointsToAlarm", "Threshold", "MaxRecords"];

export function cloudWatchRequest(call: AwsCall): CloudWatchRequest {
  const { action, body, headers, path } = call;
  if (headers["smithy-protocol"] === cborHeaders["smithy-protocol"]) {
    const [, asked = ""] = /^\/service\/[^/]+\/operation\/(\w+)$/.exec(path) ?? [];
    return { action: asked, body: (body.length === 0 ? {} : decodeCbor(body)) as Body, protocol: "cbor" };
  }
  if (action === null) return { ...queryRequest(call, { numbers, booleans: ["ActionsEnabled"] }), protocol: "query" };
  return { action, body: JSON.parse(body.toString("utf8") || "{}") as Body, protocol: "json" };
}
