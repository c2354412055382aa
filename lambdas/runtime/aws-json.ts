import type { AwsClient } from "./aws-client.ts";

/** Does an action of a service that speaks AWS's JSON protocol. Errors: as AwsClient. */
// biome-ignore lint/suspicious/noExplicitAny: each action has an answer of its own; who asks names its type
export type AwsCall = <Output = any>(action: string, input: object) => Promise<Output>;

export interface JsonProtocol {
  version: "1.0" | "1.1";
  /** What stands before the action in `X-Amz-Target`. */
  target: string;
}

export function jsonCalls(client: AwsClient, { version, target }: JsonProtocol): AwsCall {
  return async (action, input) => {
    const headers = { "content-type": `application/x-amz-json-${version}`, "x-amz-target": `${target}.${action}` };
    const { body } = await client({ method: "POST", path: "/", headers, body: JSON.stringify(input) });
    return body === "" ? {} : JSON.parse(body);
  };
}
