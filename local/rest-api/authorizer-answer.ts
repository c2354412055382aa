import type { InvocationResult } from "../aws/service.ts";
import { evaluate, type PolicyDocument, type Statement, statementsOf } from "../iam/policy.ts";
import type { Exchange } from "./exchange.ts";
import type { Refusal } from "./gateway-responses.ts";

/** What an authorizer's function has said of who is asking. */
export interface AuthorizerAnswer {
  principal_id: string;
  statements: Statement[];
  /** What integrations and logs may be told. */
  context: Record<string, string>;
}

/** Why there is no such answer; with a reason where it is no word on who is asking. */
type Fault = Refusal & { reason?: string };

/** A function that throws an error whose message is `Unauthorized` has refused; any other error, and any other answer, is its fault. */
export function readAnswer({ payload, function_error }: InvocationResult): AuthorizerAnswer | Fault {
  if (function_error !== null) return failure(payload as { errorType?: string; errorMessage?: string } | null);
  try {
    const { principalId, policyDocument, context } = object(payload, "the answer");
    if (typeof principalId !== "string" || principalId === "") throw new Error("principalId must be a string");
    return { principal_id: principalId, statements: statements(policyDocument), context: texts(context ?? {}) };
  } catch (error) {
    const reason = `its function's answer is not as API Gateway wants it: ${(error as Error).message}`;
    return { type: "AUTHORIZER_CONFIGURATION_ERROR", message: null, reason };
  }
}

function failure(thrown: { errorType?: string; errorMessage?: string } | null): Fault {
  if (thrown?.errorMessage === "Unauthorized") return { type: "UNAUTHORIZED", message: "Unauthorized" };
  const reason = `its function failed: ${thrown?.errorType}: ${thrown?.errorMessage}`;
  return { type: "AUTHORIZER_FAILURE", message: null, reason };
}

function statements(document: unknown): Statement[] {
  const { Statement: given } = object(document, "policyDocument");
  for (const [index, statement] of [given].flat().entries()) {
    const { Effect, Action, NotAction, Resource, NotResource } = object(statement, `Statement[${index}]`);
    if (Effect !== "Allow" && Effect !== "Deny") throw new Error(`Statement[${index}].Effect must be Allow or Deny`);
    if (!areTexts(Action ?? NotAction)) throw new Error(`Statement[${index}].Action must be a string or a list of strings`);
    if (!areTexts(Resource ?? NotResource)) throw new Error(`Statement[${index}].Resource must be a string or a list of strings`);
  }
  return statementsOf(document as PolicyDocument, "policyDocument");
}

/** Lists and objects are not allowed; what is left becomes text. */
function texts(context: unknown): Record<string, string> {
  const entries = Object.entries(object(context, "context")).filter(([, value]) => value !== null);
  const odd = entries.find(([, value]) => typeof value === "object");
  if (odd !== undefined) throw new Error(`context.${odd[0]} must be a string, a number or a boolean`);
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

function object(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error(`${name} must be an object`);
}

const areTexts = (value: unknown): boolean => [value].flat().every((item) => typeof item === "string");

/** By the policy of the answer, for this method and path; answers that were kept are held to it anew. */
export function permits({ statements }: AuthorizerAnswer, resource: string, { request, source_ip }: Exchange): Refusal | null {
  const context = { "aws:sourceip": [source_ip], "aws:useragent": [request.headers["user-agent"] ?? ""] };
  const verdict = evaluate(statements, { action: "execute-api:Invoke", resource, context });
  if (verdict === "allowed") return null;
  const message = "User is not authorized to access this resource";
  return { type: "ACCESS_DENIED", message: verdict === "denied" ? `${message} with an explicit deny` : message };
}
