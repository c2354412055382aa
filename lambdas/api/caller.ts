import { groupPattern } from "../../contract/grammars.ts";
import { Problem } from "../../domain/errors.ts";
import { type Role, roles } from "../../domain/words.ts";
import type { Caller } from "../operations/caller.ts";

/** Who asks, from the claims of a token that the gateway has verified. */
export function readCaller(claims: Record<string, unknown>, groupsClaim: string): Caller & { email: string | null } {
  const subject = text(claims.sub);
  if (subject === null) throw new Problem("unauthenticated", "the token names nobody: it has no claim sub. Sign in again");
  // An address that the issuer says is not verified could be anybody's: it may not sign for what was done.
  const unverified = claims.email_verified === false || claims.email_verified === "false";
  const email = unverified ? null : text(claims.email);
  const grants = readList(claims[groupsClaim]);
  return { actor: email ?? subject, email, roles: highestRoles(grants), platformAdmin: grants.includes("platform:admin") };
}

const text = (claim: unknown): string | null => (typeof claim === "string" && claim !== "" ? claim : null);

/**
 * A list as it arrives: an array; API Gateway's `[a b]` for one; JSON text of one; or names with blanks or commas between.
 * Names of ours have no blanks, so nothing is lost by dividing there.
 */
function readList(claim: unknown): string[] {
  if (Array.isArray(claim)) return claim.filter((entry) => typeof entry === "string");
  if (typeof claim !== "string") return [];
  const json = parseJsonList(claim.trim());
  if (json) return json;
  return claim
    .trim()
    .replace(/^\[(.*)\]$/s, "$1")
    .split(/[\s,]+/)
    .filter((entry) => entry !== "");
}

function parseJsonList(claim: string): string[] | undefined {
  if (!claim.startsWith("[")) return undefined;
  try {
    const parsed: unknown = JSON.parse(claim);
    return Array.isArray(parsed) ? parsed.filter((entry) => typeof entry === "string") : undefined;
  } catch {
    return undefined;
  }
}

/** `group:role` entries; anything else in the claim belongs to other systems. */
function highestRoles(grants: string[]): Map<string, Role> {
  const highest = new Map<string, Role>();
  for (const grant of grants) {
    const [group = "", word = "", more] = grant.split(":");
    const role = roles.find((known) => known === word);
    if (!role || more !== undefined || group === "platform" || !groupPattern.test(group)) continue;
    if (roles.indexOf(role) > roles.indexOf(highest.get(group) ?? "viewer") || !highest.has(group)) highest.set(group, role);
  }
  return highest;
}
