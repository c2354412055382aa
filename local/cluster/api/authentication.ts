import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { User } from "./authorization.ts";
import { unauthorized } from "./status-error.ts";

/** Who a bearer token belongs to, or why it is no good. */
export type Authenticate = (token: string) => Promise<User | { error: string }>;

const anonymous: User = { username: "system:anonymous", groups: ["system:unauthenticated"] };

/** The caller of a request. Without a token: anonymous, who may see health and version. Throws Unauthorized for a bad one. */
export async function callerOf(request: IncomingMessage, adminToken: string, authenticate: Authenticate): Promise<User> {
  const { authorization } = request.headers;
  if (!authorization) return anonymous;
  const token = /^Bearer\s+(\S+)$/i.exec(authorization)?.[1];
  if (!token) throw unauthorized();
  if (isSame(token, adminToken)) return authenticated({ username: "kubernetes-admin", groups: ["system:masters"] });
  const user = await authenticate(token);
  if ("error" in user) throw unauthorized();
  return authenticated(user);
}

function authenticated(user: User): User {
  return { username: user.username, groups: [...user.groups, "system:authenticated"] };
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
