import type { IncomingHttpHeaders } from "node:http";

/** Who signed a call: a function's or state machine's role in the template, or the person at the keyboard (`root`, may do everything). */
export interface Principal {
  role_arn: string | null;
  access_key_id: string;
}

/** One call of an AWS client, after authentication and the check of the caller's role. */
export interface AwsCall {
  /** From the SigV4 credential scope: dynamodb, states, events, logs, monitoring, s3, sts, eks, kms, lambda, sns. */
  service: string;
  /** Operation name of JSON protocols (`X-Amz-Target` after the dot); null for REST protocols. */
  action: string | null;
  method: string;
  /** Path after the local prefix `/aws`, still encoded. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
  principal: Principal;
}

/** An object body is sent as the JSON of the service's protocol. */
export interface AwsAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer | object;
  /** Of DynamoDB, when calls are metered: what AWS would bill; null when it does not say, as for a refused write. */
  units?: Units | null;
}

export interface Units {
  read: number;
  write: number;
}

export interface AwsService {
  handle(call: AwsCall): Promise<AwsAnswer>;
}

/** Result of a synchronous invocation: `function_error` as Lambda's X-Amz-Function-Error header. */
export interface InvocationResult {
  payload: unknown;
  function_error: "Handled" | "Unhandled" | null;
}
