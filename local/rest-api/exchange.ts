import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Refusal } from "./gateway-responses.ts";
import type { PassingMethod } from "./methods.ts";
import type { Stage } from "./stage.ts";

/** How a call of the authorizer's function went. */
export interface AuthorizerCall {
  milliseconds: number;
  status: number;
  error: string | null;
}

/** How the integration answered; a time is missing until it was reached. */
export interface IntegrationCall {
  /** Milliseconds since the epoch. */
  began: number;
  status: number | null;
  headers_after_ms: number | null;
  content_after_ms: number | null;
  milliseconds: number | null;
}

const nothing: Readonly<Record<string, string>> = {};

/** One request and its answer, and all that is learned of them on the way: what `$context` tells. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly stage: Stage;
  readonly request_id = randomUUID();
  /** Milliseconds since the epoch. */
  readonly at = Date.now();
  /** As it was sent, without the query. */
  readonly path: string;
  readonly query: string | undefined;
  method: PassingMethod | null = null;
  /** Of the path, as they stand in it. */
  parameters = nothing;
  /** What the authorizer has said of who is asking, with `principalId`. */
  authorizer = nothing;
  authorizer_call: AuthorizerCall | null = null;
  integration: IntegrationCall | null = null;
  refusal: Refusal | null = null;
  body_bytes = 0;
  /** Of the whole answer; null while it lasts. */
  milliseconds: number | null = null;

  constructor(stage: Stage, request: IncomingMessage, response: ServerResponse) {
    this.stage = stage;
    this.request = request;
    this.response = response;
    const url = request.url ?? "/";
    const mark = url.indexOf("?");
    this.path = mark < 0 ? url : url.slice(0, mark);
    this.query = mark < 0 ? undefined : url.slice(mark + 1);
  }

  get is_over(): boolean {
    return this.milliseconds !== null;
  }

  get source_ip(): string {
    return this.request.socket.remoteAddress ?? "127.0.0.1";
  }

  /** The answer has ended, or the caller has gone. */
  end(): void {
    const now = Date.now();
    this.milliseconds = now - this.at;
    if (this.integration !== null) this.integration.milliseconds ??= now - this.integration.began;
  }
}
