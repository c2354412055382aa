import type { Roles } from "./roles.ts";

/** What a service does with a role on its own. Errors, at start: what the role would be refused on AWS at run time. */
export function requireGrants(roles: Roles, roleArn: string, actions: string[], resource: string, what: string): void {
  const missing = actions.filter((action) => roles.evaluate(roleArn, { action, resource }) !== "allowed");
  if (missing.length > 0) throw new Error(`${what} needs ${missing.join(", ")} on ${resource}, which the role ${roleArn} does not allow`);
}
