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

/** What an optimised integration says when a service refused: the service's words, then how it said them. */
export const refusalCause = (message: string, service: string, status: number, code: string): string =>
  `${message} (Service: ${service}; Status Code: ${status}; Error Code: ${code}; Request ID: ${randomUUID()}; Proxy: null)`;
