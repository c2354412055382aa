import { LONGEST_CAUSE } from "./errors.ts";
import { ServiceError } from "./start-named.ts";

export type Request = Record<string, unknown>;

/** A member that must be there and say something. */
export function textOf(request: Request, field: string): string {
  const value = anyTextOf(request, field);
  if (value === "") throw refused(field, value, "length greater than or equal to 1");
  return value;
}

export function anyTextOf(request: Request, field: string): string {
  const value = request[field];
  if (value === undefined || value === null)
    throw new ServiceError(
      "ValidationException",
      `1 validation error detected: Value null at '${field}' failed to satisfy constraint: Member must not be null`,
    );
  if (typeof value !== "string") throw new ServiceError("SerializationException", `${field} must be a text, got ${JSON.stringify(value)}`);
  return value;
}

/** How a task or an execution is said to have failed; either may be left out. */
export function failureOf(request: Request): { error: string | null; cause: string | null } {
  return { error: shortTextOf(request, "error", 256), cause: shortTextOf(request, "cause", LONGEST_CAUSE) };
}

function shortTextOf(request: Request, field: string, most: number): string | null {
  if (request[field] === undefined || request[field] === null) return null;
  const text = anyTextOf(request, field);
  if (text.length > most) throw refused(field, `${text.slice(0, 40)}…`, `length less than or equal to ${most}`);
  return text;
}

const statuses = ["SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING"];

/** The status that ListExecutions asks for; null is any. */
export function statusOf(request: Request): string | null {
  if (request.statusFilter === undefined || request.statusFilter === null) return null;
  const status = textOf(request, "statusFilter");
  if (statuses.includes(status)) return status;
  throw refused("statusFilter", status, `enum value set: [${statuses.join(", ")}]`, "satisfy");
}

/** At most 1,000 a page, 100 when not said or 0. A token is the place to go on. */
export function pageOf<T>(request: Request, read: (offset: number, count: number) => T[]): { items: T[]; nextToken: string | null } {
  const count = countOf(request.maxResults) || 100;
  const offset = offsetOf(request.nextToken);
  const items = read(offset, count + 1);
  const more = items.length > count;
  return { items: items.slice(0, count), nextToken: more ? Buffer.from(String(offset + count)).toString("base64url") : null };
}

function countOf(asked: unknown): number {
  if (asked === undefined || asked === null) return 0;
  if (!Number.isInteger(asked))
    throw new ServiceError("SerializationException", `maxResults must be an integer, got ${JSON.stringify(asked)}`);
  if ((asked as number) > 1000) throw refused("maxResults", asked, "value less than or equal to 1000");
  if ((asked as number) < 0) throw refused("maxResults", asked, "value greater than or equal to 0");
  return asked as number;
}

function offsetOf(token: unknown): number {
  if (token === undefined || token === null) return 0;
  const offset = Number(Buffer.from(String(token), "base64url").toString() || "none");
  if (Number.isSafeInteger(offset) && offset >= 0) return offset;
  throw new ServiceError("InvalidToken", "Invalid Token: 'Invalid token'");
}

const refused = (field: string, value: unknown, constraint: string, must = "have") =>
  new ServiceError(
    "ValidationException",
    `1 validation error detected: Value '${value}' at '${field}' failed to satisfy constraint: Member must ${must} ${constraint}`,
  );
