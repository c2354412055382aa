import { createHash, scryptSync } from "node:crypto";
import { Problem } from "../../domain/errors.ts";
import type { Repeatable } from "../operations/idempotency.ts";
import type { HttpRequest } from "../runtime/http-handler.ts";

const header = "idempotency-key";

/** What the Idempotency-Key says of a request; undefined without one. The query (`wait`) is no part of what is compared. */
export function readRepeatable(request: HttpRequest, actor: string): Repeatable | undefined {
  const key = request.headers[header];
  if (key === undefined) return undefined;
  if (!/^[\x21-\x7e](?:[\x20-\x7e]{0,126}[\x21-\x7e])?$/.test(key)) {
    const message = "1 to 128 printable ASCII characters";
    throw new Problem("invalid-input", `The header is not valid. Idempotency-Key: ${message}`, {
      errors: [{ path: "Idempotency-Key", message }],
    });
  }
  return { actor, key, request_hash: hashOf(request, `${actor} ${key}`) };
}

/**
 * The hash is kept for a day. Secret values go into it through scrypt, salted by actor and key: whoever reads the table
 * cannot try short secrets against it at the speed of SHA-256.
 */
function hashOf({ method, path, body }: HttpRequest, salt: string): string {
  const secrets: string[] = [];
  const rest = canonical(body, secrets);
  const hidden = secrets.length === 0 ? "" : scryptSync(JSON.stringify(secrets), salt, 32).toString("base64");
  return createHash("sha256")
    .update(JSON.stringify([method, path, rest, hidden]))
    .digest("base64url");
}

/** The same for the same JSON, whatever the order of its fields; secret values are moved into `secrets`. */
function canonical(value: unknown, secrets: string[]): unknown {
  if (Array.isArray(value)) return value.map((entry) => canonical(entry, secrets));
  if (typeof value !== "object" || value === null) return value ?? null;
  const fields = value as Record<string, unknown>;
  return Object.keys(fields)
    .sort()
    .map((name) => {
      const secret = name === "value" && "secret" in fields && fields.secret !== false;
      if (secret) secrets.push(JSON.stringify(fields[name]));
      return [name, secret ? null : canonical(fields[name], secrets)];
    });
}
