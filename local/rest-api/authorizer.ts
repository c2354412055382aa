import type { InvocationResult } from "../aws/service.ts";
import { functionArn } from "../http-api/routes.ts";
import type { Permissions } from "../iam/permissions.ts";
import type { Roles } from "../iam/roles.ts";
import { requireGrants } from "../iam/service-roles.ts";
import type { Application, Resource } from "../template/application.ts";
import { arn } from "../template/place.ts";
import { type AuthorizerAnswer, permits, readAnswer } from "./authorizer-answer.ts";
import { methodArn, requestEvent, tokenEvent } from "./authorizer-event.ts";
import type { Source } from "./context.ts";
import type { Exchange } from "./exchange.ts";
import type { Refusal } from "./gateway-responses.ts";
import { readSource } from "./sources.ts";
import type { Stage } from "./stage.ts";

export interface AuthorizerSurroundings {
  permissions: Permissions;
  roles: Roles;
  invoke(functionArn: string, payload: unknown): Promise<InvocationResult>;
}

interface AuthorizerProperties {
  Type: string;
  AuthorizerUri?: string;
  AuthorizerCredentials?: string;
  IdentitySource?: string;
  IdentityValidationExpression?: string;
  AuthorizerResultTtlInSeconds?: number;
}

/** By what `AuthorizerId` of a method says. Errors: one that is not carried out, or whose function API Gateway may not call. */
export function readAuthorizers(
  application: Application,
  stage: Stage,
  surroundings: AuthorizerSurroundings,
): Map<string, LambdaAuthorizer> {
  const resources = application.ofType("AWS::ApiGateway::Authorizer");
  return new Map(resources.map((resource) => [resource.ref, readAuthorizer(resource, stage, surroundings)]));
}

function readAuthorizer(resource: Resource, stage: Stage, { permissions, roles, invoke }: AuthorizerSurroundings): LambdaAuthorizer {
  const given = resource.properties as unknown as AuthorizerProperties;
  const { Type, AuthorizerUri = "", AuthorizerCredentials: role, IdentitySource = "", IdentityValidationExpression } = given;
  if (Type !== "TOKEN" && Type !== "REQUEST")
    throw new Error(`${resource.path}: the local REST API carries out authorizers of type TOKEN and REQUEST only, not ${Type}`);
  const called = functionArn(AuthorizerUri);
  const source = arn("execute-api", `${stage.api_id}/authorizers/${resource.ref}`);
  if (role === undefined) permissions.require(called, "apigateway.amazonaws.com", source, `The authorizer ${resource.path}`);
  else {
    roles.requireTrust(role, "apigateway.amazonaws.com", `The authorizer ${resource.path}`);
    requireGrants(roles, role, ["lambda:InvokeFunction"], called, `The authorizer ${resource.path}`);
  }
  const sources = IdentitySource.split(",").map((expression) => expression.trim());
  const settings: AuthorizerSettings = {
    path: resource.path,
    type: Type,
    sources: sources.filter((expression) => expression !== "").map((expression) => identitySource(expression, resource)),
    form: IdentityValidationExpression === undefined ? null : new RegExp(`^(?:${IdentityValidationExpression})$`),
    ttl_seconds: given.AuthorizerResultTtlInSeconds ?? 300,
  };
  if (Type === "TOKEN" && settings.sources.length !== 1)
    throw new Error(`${resource.path}: an authorizer of type TOKEN has one identity source, not ${settings.sources.length}`);
  if (settings.ttl_seconds > 0 && settings.sources.length === 0)
    throw new Error(`${resource.path}: answers are kept for ${settings.ttl_seconds} s, which needs an identity source to keep them by`);
  return new LambdaAuthorizer(settings, (event) => invoke(called, event));
}

function identitySource(expression: string, { path }: Resource): Source {
  const source = expression.startsWith("'") ? undefined : readSource(expression);
  if (source === undefined) throw new Error(`${path}: ${expression} is no identity source`);
  return source;
}

interface AuthorizerSettings {
  path: string;
  type: "TOKEN" | "REQUEST";
  sources: Source[];
  /** What a token has to look like to be asked about at all. */
  form: RegExp | null;
  /** 0: each request is asked about. */
  ttl_seconds: number;
}

/** Answers that are kept; more would be a leak where each request brings another identity. */
const mostKept = 10_000;

/** Asks a function who is asking and what they may do, and holds the request to its answer. */
export class LambdaAuthorizer {
  private readonly settings: AuthorizerSettings;
  private readonly ask: (event: object) => Promise<InvocationResult>;
  private readonly kept = new Map<string, { answer: AuthorizerAnswer; until: number }>();

  constructor(settings: AuthorizerSettings, ask: (event: object) => Promise<InvocationResult>) {
    this.settings = settings;
    this.ask = ask;
  }

  /** Lets the exchange know who is asking; else why it is refused. */
  async authorize(exchange: Exchange): Promise<Refusal | null> {
    const { sources, form } = this.settings;
    const identity = sources.map((source) => source(exchange));
    if (identity.some((value) => value === undefined || value === "")) return unauthorized;
    const [token = ""] = identity as string[];
    if (form !== null && !form.test(token)) return unauthorized;
    const resource = methodArn(exchange);
    const answer = await this.answer(exchange, identity as string[], resource);
    if ("type" in answer) return answer;
    exchange.authorizer = { ...answer.context, principalId: answer.principal_id };
    return permits(answer, resource, exchange);
  }

  private async answer(exchange: Exchange, identity: string[], resource: string): Promise<AuthorizerAnswer | Refusal> {
    const key = identity.join("\n");
    const kept = this.kept.get(key);
    if (kept !== undefined && kept.until > Date.now()) return kept.answer;
    const answer = await this.askFunction(exchange, identity, resource);
    if (!("type" in answer) && this.settings.ttl_seconds > 0) this.keep(key, answer);
    return answer;
  }

  private async askFunction(exchange: Exchange, identity: string[], resource: string): Promise<AuthorizerAnswer | Refusal> {
    const event = this.settings.type === "TOKEN" ? tokenEvent(identity[0] ?? "", resource) : requestEvent(exchange, resource);
    const began = Date.now();
    const outcome = await this.ask(event).then(readAnswer, (error: Error) => ({ ...misconfigured, reason: error.message }));
    const reason = ("reason" in outcome ? outcome.reason : undefined) ?? null;
    exchange.authorizer_call = { milliseconds: Date.now() - began, status: reason === null ? 200 : 500, error: reason };
    if (reason !== null) console.error(`authorizer ${this.settings.path}: ${reason}`);
    return outcome;
  }

  private keep(key: string, answer: AuthorizerAnswer): void {
    const oldest = this.kept.keys().next().value;
    if (this.kept.size >= mostKept && oldest !== undefined) this.kept.delete(oldest);
    this.kept.delete(key);
    this.kept.set(key, { answer, until: Date.now() + this.settings.ttl_seconds * 1000 });
  }
}

const unauthorized: Refusal = { type: "UNAUTHORIZED", message: "Unauthorized" };
const misconfigured: Refusal = { type: "AUTHORIZER_CONFIGURATION_ERROR", message: null };
