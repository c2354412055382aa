import type { Answer } from "./aws-exchange.ts";

/** A request that has failed at its last attempt. */
export interface Failed {
  /** `DynamoDB_20120810.GetItem`; the service alone where its requests name no action. */
  asked: string;
  /** One of its attempts was not answered, or by a fault: it may have had its effect. */
  isUnsure: boolean;
}

/** What a service of AWS refused, by the name that its documentation gives the error. */
export class AwsError extends Error {
  readonly status: number;
  /** The error's own members, as `CancellationReasons`. */
  readonly members: Readonly<Record<string, unknown>>;
  /** The service's own clock, in milliseconds since the epoch; NaN when it did not say. */
  readonly at: number;
  failed: Failed | undefined;
  constructor(
    name: string,
    message: string,
    { status = 400, members = {}, at = Number.NaN }: Partial<Pick<AwsError, "status" | "members" | "at">>,
  ) {
    super(message);
    this.name = name;
    this.status = status;
    this.members = members;
    this.at = at;
  }
}

/** No answer came, or not all of it: the request may or may not have had its effect. */
export class NoAnswer extends Error {
  /** It was sent on a connection that had been idle, which the other side may have closed meanwhile. */
  readonly wasIdle: boolean;
  failed: Failed | undefined;
  constructor(message: string, wasIdle: boolean) {
    super(message);
    this.name = "NoAnswer";
    this.wasIdle = wasIdle;
  }
}

/** Named in JSON's `__type` or `code`, in a header, or in XML's `Code`; by its status when nothing names it. */
export function readError({ status, headers, body }: Answer): AwsError {
  const members = parseObject(body);
  const given = headers["x-amzn-errortype"] ?? members.__type ?? members.code ?? element(body, "Code") ?? `Http${status}`;
  // com.amazonaws.dynamodb.v20120810#ThrottlingException, or ThrottlingException:http://…
  const name = String(given).replace(/^.*#/, "").replace(/:.*$/, "");
  const message = members.message ?? members.Message ?? element(body, "Message") ?? body.slice(0, 300);
  return new AwsError(name, String(message), { status, members, at: Date.parse(headers.date ?? "") });
}

function parseObject(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const element = (xml: string, name: string): string | undefined => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];

const throttlingNames = new Set([
  "BandwidthLimitExceeded",
  "LimitExceededException",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
  "TransactionInProgressException",
]);
export const isThrottling = ({ name, status }: AwsError): boolean => status === 429 || throttlingNames.has(name);

const passing = new Set(["RequestTimeout", "RequestTimeoutException", "InternalError", "InternalServerError", "PriorRequestNotComplete"]);
export const isPassing = (error: AwsError): boolean => error.status >= 500 || passing.has(error.name) || isThrottling(error);

/** Why DynamoDB has cancelled each part of a transaction, `None` where it would have written it; empty for any other error. */
export function cancellationCodes(error: unknown): string[] {
  if (!(error instanceof AwsError) || error.name !== "TransactionCanceledException") return [];
  const reasons = (error.members.CancellationReasons ?? []) as { Code?: string }[];
  return reasons.map(({ Code }) => Code ?? "None");
}

const passingCodes = new Set(["None", "ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"]);
/** Nothing is wrong with the transaction itself: another had one of its items, or the table too much to do. */
export function isPassingCancellation(error: unknown): boolean {
  const codes = cancellationCodes(error);
  return codes.length > 0 && codes.every((code) => passingCodes.has(code));
}

const skews = new Set([
  "AuthFailure",
  "InvalidSignatureException",
  "RequestExpired",
  "RequestInTheFuture",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
]);
/** Refused perhaps only because our clock and theirs differ. */
export const isSkew = ({ name }: AwsError): boolean => skews.has(name);
