const claims = {
  member: { sub: "member", email: "member@example.com", groups: "[demo:member fraud:member]" },
  admin: { sub: "admin", email: "admin@example.com", groups: "[platform:admin]" },
};

/** What API Gateway gives a function, payload format 2.0. `route` has the names of the parameters, `parameters` their values. */
export function httpEvent(route: string, { parameters = {}, query = {}, headers = {}, body, as = "member" }: HttpInput = {}): object {
  const [method = "", template = ""] = route.split(" ");
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => parameters[name] ?? "");
  return {
    version: "2.0",
    routeKey: route,
    rawPath: path,
    rawQueryString: new URLSearchParams(query).toString(),
    headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
    queryStringParameters: query,
    pathParameters: parameters,
    requestContext: {
      authorizer: { jwt: { claims: claims[as] } },
      http: { method, path, sourceIp: "127.0.0.1", userAgent: "bench" },
      requestId: "bench",
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    isBase64Encoded: false,
  };
}

/** What API Gateway asks a REST API's authorizer of requests. */
export function authorizerEvent(resource: string, { parameters = {}, headers = {} }: Pick<HttpInput, "parameters" | "headers">): object {
  const path = resource.replaceAll(/\{(\w+)\}/g, (_, name: string) => parameters[name] ?? "");
  return {
    type: "REQUEST",
    methodArn: `arn:aws:execute-api:us-east-1:000000000000:bench/live/POST${path}`,
    resource,
    path,
    httpMethod: "POST",
    headers,
    pathParameters: parameters,
    queryStringParameters: {},
    stageVariables: {},
    requestContext: { path, stage: "live", requestId: "bench", identity: { sourceIp: "127.0.0.1", userAgent: "bench" } },
  };
}

interface HttpInput {
  parameters?: Record<string, string>;
  query?: Record<string, string>;
  /** Names in lower case. */
  headers?: Record<string, string>;
  body?: object;
  as?: keyof typeof claims;
}

/** What the stream of the record table gives for a new item, which is in DynamoDB's own JSON. */
export const streamEvent = (item: object): object => ({
  Records: [{ eventID: "bench", eventName: "INSERT", eventSource: "aws:dynamodb", dynamodb: { SequenceNumber: "1", NewImage: item } }],
});
