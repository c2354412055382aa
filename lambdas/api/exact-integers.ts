import type { HttpRequest } from "../runtime/http-handler.ts";

/** A body in which an integer that a double would round is a bigint, which nothing takes: a model would be asked something else. */
export function exactly(request: Pick<HttpRequest, "body" | "bytes">): unknown {
  const { body } = request;
  const text = request.bytes.toString("utf8");
  return mayBeRounded.test(text) ? JSON.parse(text, keepInteger) : body;
}

/** With fewer digits a double holds every integer. */
const mayBeRounded = /\d{16}/;

function keepInteger(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== "number" || source === undefined || !/^-?\d+$/.test(source)) return value;
  // Who sends a double writes it with the fewest digits that tell it, and zeros.
  const isDouble = String(value) === source || (Number.isFinite(value) && BigInt(source) === BigInt(value));
  return isDouble ? value : BigInt(source);
}
