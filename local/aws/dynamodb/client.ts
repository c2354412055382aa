import { AwsError } from "../error.ts";

type Target = "DynamoDB_20120810" | "DynamoDBStreams_20120810";

/** Calls the engine directly, for what the local system itself does: making tables, reading streams, expiring items. */
export class EngineClient {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  table<T = Record<string, unknown>>(action: string, body: object): Promise<T> {
    return this.call("DynamoDB_20120810", action, body);
  }

  streams<T = Record<string, unknown>>(action: string, body: object): Promise<T> {
    return this.call("DynamoDBStreams_20120810", action, body);
  }

  private async call<T>(target: Target, action: string, body: object): Promise<T> {
    const response = await fetch(this.url, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `${target}.${action}`,
        authorization: `AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=${"0".repeat(64)}`,
        "x-amz-date": "20260101T000000Z",
      },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    if (response.ok) return answer as T;
    const code = String(answer.__type ?? "InternalFailure").replace(/^.*#/, "");
    throw new AwsError(code, String(answer.message ?? answer.Message ?? `${action} answered ${response.status}`), response.status);
  }
}
