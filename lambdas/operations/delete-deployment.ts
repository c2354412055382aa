import type { Head } from "../../domain/deployment.ts";
import { Problem } from "../../domain/errors.ts";
import type { Caller } from "./caller.ts";
import type { Begun } from "./carry-out.ts";
import type { Repeatable } from "./idempotency.ts";
import type { Changing } from "./installation.ts";
import type { ChangeRequest } from "./load-for-change.ts";
import { shutDown } from "./stop-deployment.ts";

/** Stops a deployment, removes it and frees its id. `name` is the deployment's, typed by the person. */
export function deleteDeployment(
  ports: Changing,
  caller: Caller,
  request: ChangeRequest & { name: string },
  repeatable?: Repeatable,
): Promise<Begun> {
  return shutDown(ports, caller, request, "DELETE", repeatable, ({ head }) => requireTypedName(head, request.name));
}

function requireTypedName(head: Head, typed: string): void {
  if (typed === head.name) return;
  const message = `the deployment ${head.id} has another name: type it exactly as it is written in the list`;
  throw new Problem("invalid-input", `Nothing was deleted. name: ${message} (given ${JSON.stringify(typed)})`, {
    errors: [{ path: "name", message, given: typed }],
  });
}
