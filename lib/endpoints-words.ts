import { AccessLogField, type GatewayResponseOptions, ResponseType } from "aws-cdk-lib/aws-apigateway";

/**
 * What only the front may say, set by overwrite so that no caller can: who is asking. A private deployment's route
 * does not match `public`, so it is not reached this way.
 */
export const fromAnybody = {
  "integration.request.header.X-Slipway-Access": "'public'",
  "integration.request.header.X-Forwarded-User": "'anonymous'",
};

/** The deployment's uid is said, too: the token was its, whatever a gateway makes of dots in the path. */
export const fromClient = {
  "integration.request.header.X-Slipway-Access": "'client'",
  "integration.request.header.X-Slipway-Deployment": "context.authorizer.deployment",
  "integration.request.header.X-Forwarded-User": "context.authorizer.client",
};

/** What the access log of the endpoints says of each request; `-` stands for what there is not. */
export const accessLine = {
  requestId: AccessLogField.contextRequestId(),
  extendedRequestId: AccessLogField.contextExtendedRequestId(),
  ip: AccessLogField.contextIdentitySourceIp(),
  requestTime: AccessLogField.contextRequestTime(),
  requestTimeEpoch: AccessLogField.contextRequestTimeEpoch(),
  httpMethod: AccessLogField.contextHttpMethod(),
  resourcePath: AccessLogField.contextResourcePath(),
  path: AccessLogField.contextPath(),
  status: AccessLogField.contextStatus(),
  protocol: AccessLogField.contextProtocol(),
  responseLength: AccessLogField.contextResponseLength(),
  latency: AccessLogField.contextResponseLatency(),
  integrationLatency: AccessLogField.contextIntegrationLatency(),
  deployment: AccessLogField.contextAuthorizer("deployment"),
  client: AccessLogField.contextAuthorizer("client"),
  error: AccessLogField.contextErrorMessage(),
};

/** A query that asks for one of these looks only at what has been written with it. */
export const indexedFields: (keyof typeof accessLine)[] = ["deployment"];

const refusal = (type: ResponseType, code: string, what: string): GatewayResponseOptions => ({
  type,
  responseHeaders: { "WWW-Authenticate": `'Basic realm="slipway"'` },
  templates: { "application/json": JSON.stringify({ code, message: what }) },
});

/** To who may not ask a private deployment, whatever the reason: which one it is would help to guess. */
export const refusals: GatewayResponseOptions[] = [
  refusal(
    ResponseType.UNAUTHORIZED,
    "unauthenticated",
    "This endpoint answers its clients only. Send a client's name and token (HTTP Basic) or the token alone (Authorization: Bearer). Members of the deployment's group add clients and rotate tokens: POST /v1/deployments/{id}/clients.",
  ),
  refusal(
    ResponseType.ACCESS_DENIED,
    "forbidden",
    "This client may not ask here. Send a client's name and token (HTTP Basic) of the deployment that the path names.",
  ),
];
