import type { IncomingMessage } from "node:http";
import { isAllowed, type User } from "./authorization.ts";
import { badRequest, forbidden, notProvided } from "./status-error.ts";
import type { Store } from "./store.ts";

/** Whom a request is made as: its caller, or whom that caller may and wants to be for it. */
export function impersonated(store: Store, caller: User, request: IncomingMessage): User {
  const { "impersonate-user": username, "impersonate-group": groups } = request.headersDistinct;
  const further = Object.keys(request.headers).find((name) => name.startsWith("impersonate-uid") || name.startsWith("impersonate-extra-"));
  if (further) throw notProvided(`impersonation by ${further}`);
  if (!username) {
    if (groups) throw badRequest("requested groups without impersonating a user");
    return caller;
  }
  const user = { username: username[0] ?? "", groups: groups ?? [] };
  require(store, caller, "users", user.username);
  for (const group of user.groups) require(store, caller, "groups", group);
  return { ...user, groups: [...new Set([...user.groups, "system:authenticated"])] };
}

function require(store: Store, caller: User, resource: "users" | "groups", name: string): void {
  if (isAllowed(store, caller, { verb: "impersonate", group: "", resource, namespace: "", name })) return;
  const why = `User "${caller.username}" cannot impersonate resource "${resource}" in API group "" at the cluster scope`;
  throw forbidden({ group: "", plural: resource }, name, why);
}
