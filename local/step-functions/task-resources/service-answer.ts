import { randomUUID } from "node:crypto";
import type { Json, JsonObject } from "../definition.ts";

/** What an optimised integration adds to a service's answer. */
export function withSdkMetadata(answer: JsonObject): JsonObject {
  const RequestId = randomUUID();
  const length = String(Buffer.byteLength(JSON.stringify(answer)));
  const headers: Record<string, string> = { "Content-Length": length, "Content-Type": "application/json", "x-amzn-RequestId": RequestId };
  const all = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value] as Json]));
  return {
    ...answer,
    SdkHttpMetadata: { AllHttpHeaders: all, HttpHeaders: headers, HttpStatusCode: 200 },
    SdkResponseMetadata: { RequestId },
  };
}
