import { parse } from "../../contract/parse.ts";
import type { HttpFunction, RouteEntry } from "../../contract/route.ts";
import type { OperationId, OperationIdOf, RouteInput, routeTable } from "../../contract/routes.ts";
import { Problem } from "../../domain/errors.ts";
import type { Caller } from "../operations/caller.ts";
import type { Repeatable } from "../operations/idempotency.ts";
import type { HttpAnswer, HttpRequest, HttpRoute } from "../runtime/http-handler.ts";
import { readCaller } from "./caller.ts";
import { exactly } from "./exact-integers.ts";
import { readRepeatable } from "./repeatable.ts";

/** A request of one route, parsed by the contract's schemas. */
export type Asked<Id extends OperationId> = RouteInput<Id> & Person & Headers;
interface Person {
  caller: Caller;
  email: string | null;
}
interface Headers {
  /** Lines of text are wanted, on a route that gives them. */
  plainText: boolean;
  /** From If-Match. */
  version: number | undefined;
  repeatable: Repeatable | undefined;
}

type Statuses<Id extends OperationId> = keyof (typeof routeTable)[Id]["answers"] & number;
export type Reply<Id extends OperationId> = HttpAnswer & { status: Statuses<Id> };
export type Handler<Id extends OperationId> = (asked: Asked<Id>) => Promise<Reply<Id>>;

/** Exactly one handler for each route of one function: a missing or a foreign one does not compile. */
export type Handlers<F extends HttpFunction> = { [Id in OperationIdOf<F>]: Handler<Id> };

/** Where the function's own routes are found: a part of the contract, so that its bundle holds no other function's schemas. */
type Entries<F extends HttpFunction> = { [Id in OperationIdOf<F>]: RouteEntry };

/** The routes of one function under the gateway's route keys. */
export function routesOf<F extends HttpFunction>(
  handlers: Handlers<F>,
  entries: Entries<F>,
  groupsClaim: string,
): Record<string, HttpRoute> {
  const ids = Object.keys(handlers) as OperationIdOf<F>[];
  return Object.fromEntries(
    ids.map((id) => {
      const entry: RouteEntry = entries[id];
      // One handler of many: that its parsed input fits is what `Handlers` has checked.
      const handle = handlers[id] as unknown as (asked: object) => Promise<HttpAnswer>;
      return [`${entry.method} ${entry.path}`, (request) => handle(ask(entry, request, groupsClaim))];
    }),
  );
}

function ask(entry: RouteEntry, request: HttpRequest, groupsClaim: string): object {
  const person = "role" in entry.policy ? personOf(request, groupsClaim) : {};
  return {
    ...person,
    params: parse(entry.params, request.parameters, "path"),
    query: parse(entry.query, request.query, "query"),
    body: readBody(entry, request),
    ...headersOf(entry, request, person),
  };
}

function personOf({ claims }: HttpRequest, groupsClaim: string): Person {
  const { email, ...caller } = readCaller(claims, groupsClaim);
  return { caller, email };
}

/** A route without a body takes none: `{}` is as good as nothing, anything else would be lost silently. */
function readBody({ body, method, path }: RouteEntry, request: HttpRequest): unknown {
  if (body) return parse(body, exactly(request) ?? {}, "body");
  const given = request.body !== undefined && JSON.stringify(request.body) !== "{}";
  if (given)
    throw new Problem("invalid-input", `${method} ${path} takes no body: leave it out`, { errors: [{ path: "", message: "no body" }] });
  return undefined;
}

function headersOf({ headers = [], plain_text }: RouteEntry, request: HttpRequest, { caller }: Partial<Person>): Headers {
  return {
    plainText: plain_text === true && /^\s*text\/plain\b/i.test(request.headers.accept ?? ""),
    version: headers.includes("If-Match") ? readVersion(request.headers["if-match"]) : undefined,
    repeatable: headers.includes("Idempotency-Key") && caller ? readRepeatable(request, caller.actor) : undefined,
  };
}

/** `"7"`, as a deployment's `version` and our answers say it; `*` is any. */
function readVersion(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined || ifMatch === "*") return undefined;
  const version = /^(?:W\/)?"([0-9]{1,15})"$/.exec(ifMatch.trim())?.[1];
  if (version !== undefined) return Number(version);
  const message = 'a version in quotes, as "7"';
  throw new Problem("invalid-input", `The header is not valid. If-Match: ${message}`, {
    errors: [{ path: "If-Match", message, given: ifMatch.slice(0, 80) }],
  });
}
