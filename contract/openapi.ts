import * as z from "zod/mini";
import { problemCodes } from "../domain/errors.ts";
import { answers } from "./answers.ts";
import { answerExamples, requestExamples } from "./examples.ts";
import { type JsonSchema, jsonSchema, mergePatchSchema, namedSchemas } from "./json-schema.ts";
import { problemMediaType, problems } from "./problems.ts";
import { type OperationId, routes } from "./routes.ts";
import { specificationFields } from "./specification.ts";
import { strict } from "./strict.ts";

type Route = (typeof routes)[number];
type Json = Record<string, unknown>;

/** The OpenAPI 3.1 document of every route in the table. */
export function openApiDocument(version: string): Json {
  return {
    openapi: "3.1.0",
    info: {
      title: "Slipway",
      version,
      description: "Takes trained models to production on Amazon EKS, and says truthfully what runs, what does not, and why.",
    },
    servers: [{ url: "/" }],
    security: [{ signIn: [] }],
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name })),
    paths: paths(),
    components: {
      schemas: { ...namedSchemas(answers), Problem: problemSchema },
      responses: {
        Problem: { description: problemDescription, content: { [problemMediaType]: { schema: reference("Problem") } } },
        NotSignedIn: notSignedIn,
      },
      securitySchemes: {
        signIn: { type: "http", scheme: "bearer", bearerFormat: "JWT", description: "An OIDC token whose groups claim lists roles." },
        webhookSignature: {
          type: "apiKey",
          in: "header",
          name: "webhook-signature",
          description:
            "`v1,` and the base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`, by Standard Webhooks; MLflow sends its own headers.",
        },
      },
    },
  };
}

const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });

function paths(): Json {
  const all: Record<string, Json> = {};
  for (const route of routes) all[route.path] = { ...all[route.path], [route.method.toLowerCase()]: operation(route) };
  return all;
}

function operation(route: Route): Json {
  return {
    operationId: route.operation_id,
    summary: route.summary,
    tags: [route.tag],
    ...security(route),
    parameters: [...parameters(route.params, "path"), ...parameters(route.query, "query"), ...headers(route)],
    ...(route.body ? { requestBody: requestBody(route.operation_id, route.body) } : {}),
    responses: { ...successes(route), ...("role" in route.policy ? unauthorized : {}), "4XX": problemResponse, "5XX": problemResponse },
  };
}

function security({ policy }: Route): Json {
  if ("signature" in policy) return { security: [{ webhookSignature: [] }] };
  return "signIn" in policy ? { security: [] } : { "x-slipway-policy": policy };
}

const unauthorized = { 401: { $ref: "#/components/responses/NotSignedIn" } };
const problemResponse = { $ref: "#/components/responses/Problem" };

/** Parameters as they are meant: `limit` is a whole number, though a URL can only hold its digits. */
function parameters(schema: z.core.$ZodType, place: "path" | "query"): Json[] {
  const { properties = {}, required = [] } = jsonSchema(schema, "output");
  return Object.entries(properties).map(([name, property]) => {
    const needed = place === "path" || (required.includes(name) && property.default === undefined);
    return { name, in: place, required: needed, schema: property };
  });
}

const headerDescriptions = {
  "Idempotency-Key": "The same key and body have one effect and the same answer; kept for 24 hours.",
  "If-Match": "The version that was read, in quotes; 412 when it has moved.",
} as const;

function headers(route: Route): Json[] {
  return (route.headers ?? []).map((name) => ({
    name,
    in: "header",
    required: false,
    description: headerDescriptions[name],
    schema: name === "If-Match" ? { type: "string" } : { type: "string", minLength: 1, maxLength: 128 },
  }));
}

function bodySchema(id: OperationId, body: z.core.$ZodType): JsonSchema {
  if (id !== "updateDeployment") return jsonSchema(body, "input");
  const { group: _group, name: _name, id: _id, environment: _environment, ...changeable } = specificationFields;
  return mergePatchSchema(jsonSchema(strict(changeable), "input"));
}

function requestBody(id: OperationId, body: z.core.$ZodType): Json {
  const content = { schema: bodySchema(id, body), example: requestExamples[id] };
  return {
    required: true,
    content: { "application/json": content, ...(id === "updateDeployment" ? { "application/merge-patch+json": content } : {}) },
  };
}

function successes(route: Route): Json {
  return Object.fromEntries(
    Object.entries(route.answers).map(([status, name]) => {
      if (name === null) return [status, { description: descriptions[status] }];
      const example = answerExamples[name];
      const content = { schema: reference(name), ...(example === undefined ? {} : { example }) };
      const lines = route.plain_text && status === "200" ? { "text/plain": { schema: { type: "string" } } } : {};
      return [status, { description: descriptions[status], ...location(status), content: { "application/json": content, ...lines } }];
    }),
  );
}

const descriptions: Record<string, string> = {
  200: "Done",
  201: "Made",
  202: "Under way: follow the operation",
  204: "Done: there is nothing to tell",
};

const location = (status: string) =>
  status === "202" ? { headers: { Location: { description: "Where the operation is", schema: { type: "string" } } } } : {};

const problemDescription = `What was wrong, what was given and what to do (RFC 9457). Codes: ${problemCodes
  .map((code) => `${code} (${problems[code].status})`)
  .join(", ")}.`;

/** The one answer that is not ours to shape: the gateway lets no request without a valid token through to us. */
const notSignedIn = {
  description: "The token is missing, expired or not to be trusted: API Gateway's own answer. A token that names nobody is a problem.",
  headers: {
    "www-authenticate": { description: "What is wrong with the token (RFC 6750)", schema: { type: "string" } },
    "apigw-requestid": { description: "Names the request", schema: { type: "string" } },
  },
  content: {
    "application/json": {
      schema: { type: "object", properties: { message: { type: "string" } }, required: ["message"] },
      example: { message: "Unauthorized" },
    },
    [problemMediaType]: { schema: reference("Problem") },
  },
};

const problemSchema = jsonSchema(
  z.looseObject({
    type: z.string(),
    code: z.enum(problemCodes),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z.optional(z.array(z.strictObject({ path: z.string(), message: z.string(), given: z.optional(z.unknown()) }))),
    request_id: z.string(),
  }),
  "output",
);
