import type * as z from "zod/mini";
import type { Role } from "../domain/words.ts";
import type { AnswerName } from "./answers.ts";
import { strict } from "./strict.ts";

/** The function (construct id) that a route's requests go to: one for each set of permissions. */
export type HttpFunction =
  | "DescribeApi"
  | "ReadRecord"
  | "ChangeRecord"
  | "ChangePromotions"
  | "ReceiveReport"
  | "ReceiveWebhook"
  | "InspectCluster"
  | "ReadLogs"
  | "ReadMetrics";

/**
 * Who may. `of` says whose role counts:
 * - `path`: the group that the path parameter `group` (or, for /v1/groups, `name`) names;
 * - `body`: the group that the body names;
 * - `deployment`, `operation`, `promotion`, `trigger`: the group of the one that the path parameter `id` names;
 * - `platform`: a platform admin, whatever the role says for groups;
 * - `any`: whoever has signed in; the answer holds only what belongs to groups where the caller has the role.
 */
export type Policy =
  | { signIn: false }
  /** Nobody signs in: the sender has signed the request itself, and the function looks at that before anything else. */
  | { signIn: false; signature: "webhook" }
  | { role: Role; of: "path" | "body" | "deployment" | "operation" | "promotion" | "trigger" | "platform" | "any" };

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** One route as data: gateway, handlers, policies, OpenAPI and clients are made from it. */
export interface RouteEntry {
  method: Method;
  /** With parameters in braces, as API Gateway and OpenAPI write them. */
  path: `/v1/${string}`;
  summary: string;
  tag:
    | "deployments"
    | "clients"
    | "operations"
    | "logs"
    | "metrics"
    | "models"
    | "promotions"
    | "triggers"
    | "groups"
    | "catalogue"
    | "service";
  function: HttpFunction;
  policy: Policy;
  /** Request headers beyond `Authorization` that have an effect. */
  headers?: readonly ("Idempotency-Key" | "If-Match")[];
  /** Answers `Accept: text/plain` as well, in lines. */
  plain_text?: true;
  params: z.core.$ZodType;
  query: z.core.$ZodType;
  /** Absent: the route takes no body. */
  body?: z.core.$ZodType;
  /** Success status → name of the answer's schema in answers.ts; null: no body. Problems are not listed: every route may give them. */
  answers: { readonly [status: number]: AnswerName | null };
}

/** A route whose path has no parameter. */
export const noParameters = strict({});

/** Whoever has signed in, for what is theirs. */
export const signedIn = { role: "viewer", of: "any" } as const satisfies Policy;
