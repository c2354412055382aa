import { randomUUID } from "node:crypto";
import { cborHeaders, encodeCbor } from "./cbor.ts";
import { AwsError } from "./error.ts";
import type { AwsAnswer } from "./service.ts";
import { sqsQueryCode } from "./sqs/errors.ts";

/** How a request came, where a service speaks several protocols. */
export type Protocol = "form" | "cbor" | "other";

/** The same refusal in the protocol of each service. */
export function renderError(service: string, error: AwsError, protocol: Protocol = "other"): AwsAnswer {
  if (protocol === "cbor") {
    const headers = { ...cborHeaders, "x-amzn-requestid": randomUUID(), "x-amzn-query-error": `${queryCode(error.code)};Sender` };
    return { status: error.status, headers, body: encodeCbor({ __type: error.code, message: error.message }) };
  }
  if (service === "s3") return renderXml(error, s3Error(error));
  if (service === "sts") return renderXml(error, queryError(error, "https://sts.amazonaws.com/doc/2011-06-15/"));
  if (service === "cloudformation") return renderXml(error, queryError(error, "http://cloudformation.amazonaws.com/doc/2010-05-15/"));
  if (service === "sns") return renderXml(error, queryError(error, "http://sns.amazonaws.com/doc/2010-03-31/"));
  if (service === "monitoring" && protocol === "form") {
    const shorter = new AwsError(queryCode(error.code), error.message, error.code.startsWith("AccessDenied") ? 403 : error.status);
    return renderXml(shorter, queryError(shorter, "http://monitoring.amazonaws.com/doc/2010-08-01/"));
  }
  if (service === "sqs" && protocol === "form") return renderXml(error, queryError(error, "http://queue.amazonaws.com/doc/2012-11-05/"));
  const type = modelled(error.code);
  return {
    status: error.status,
    headers: {
      ...{ "content-type": "application/x-amz-json-1.0", "x-amzn-errortype": type, "x-amzn-requestid": randomUUID() },
      // Who spoke Query to this service before knows its errors by other names.
      ...(service === "monitoring" && { "x-amzn-query-error": `${queryCode(type)};Sender` }),
      ...(service === "sqs" && { "x-amzn-query-error": `${sqsQueryCode(type)};Sender` }),
    },
    body: { __type: type, message: error.message },
  };
}

/** Query and XML services leave the word Exception out of names that JSON services end with it. */
const modelled = (code: string): string =>
  code === "MissingAuthenticationToken" || code === "IncompleteSignature" ? `${code}Exception` : code;

/** Names that are not only shorter by `Exception` where Query has them. */
const queryCodes: Record<string, string> = {
  ValidationException: "ValidationError",
  MissingRequiredParameterException: "MissingParameter",
};
const queryCode = (code: string): string => queryCodes[code] ?? code.replace(/(Exception|Fault)$/, "");

const renderXml = (error: AwsError, body: string): AwsAnswer => ({
  status: error.status,
  headers: { "content-type": "application/xml", "x-amz-request-id": randomUUID() },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
});

const s3Error = ({ code, message }: AwsError): string => `<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`;
const queryError = ({ code, message }: AwsError, namespace: string): string =>
  `<ErrorResponse xmlns="${namespace}"><Error><Type>Sender</Type><Code>${code}</Code>` +
  `<Message>${escapeXml(message)}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`;

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
