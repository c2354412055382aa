import { type Client, previousUntil, stillWorking } from "./client.ts";
import type { Annotation } from "./decision.ts";
import type { Head } from "./deployment.ts";
import { Problem } from "./errors.ts";
import { History } from "./history.ts";

/** What people do to the clients of a deployment. Events tell of it, and never of a token or of what is kept of it. */

interface Asked {
  actor: string;
  at: string;
}

export const mostClients = 100;
/** Each is compared with the token of every request. */
const mostPreviousTokens = 10;

/** `present`: all that the deployment has. */
export function addClient(
  head: Head,
  present: readonly Pick<Client, "name">[],
  { actor, at, ...given }: Asked & Pick<Client, "name" | "token_hash" | "expires_at">,
): Annotation & { client: { after: Client } } {
  requireStaying(head);
  const { name, expires_at } = given;
  if (present.some((other) => other.name === name)) throw nameTaken(head, name);
  if (present.length >= mostClients) throw full(head);
  const after: Client = { ...given, created_at: at, created_by: actor, last_used_at: null, previous: [] };
  const history = new History(head, actor, at);
  history.add("Client Added", `client ${name} was added`, null, { client: name, expires_at });
  return { before: head, client: { after }, events: history.events };
}

/**
 * Its tokens until now work for the overlap and no longer, those of earlier rotations among them: without an overlap, what was
 * given to anybody is worth nothing from now on.
 */
export function rotateClient(
  head: Head,
  client: Client,
  { token_hash, overlap_seconds, actor, at }: Asked & Pick<Client, "token_hash"> & { overlap_seconds: number },
): Annotation & { client: { after: Client } } {
  const now = Date.parse(at);
  const until = new Date(now + overlap_seconds * 1000).toISOString();
  const earlier = stillWorking(client, now).map((token) => ({ ...token, until: token.until < until ? token.until : until }));
  const previous = overlap_seconds === 0 ? [] : [{ hash: client.token_hash, until }, ...earlier];
  if (previous.length > mostPreviousTokens) throw tooManyOverlaps(head, client);
  const after: Client = { ...client, token_hash, previous };
  const history = new History(head, actor, at);
  const told = { client: client.name, previous_until: previousUntil(after, now) };
  history.add("Client Rotated", `client ${client.name} was given another token`, null, told);
  return { before: head, client: { before: client, after }, events: history.events };
}

export function removeClient(head: Head, client: Client, { actor, at }: Asked): Annotation {
  const history = new History(head, actor, at);
  history.add("Client Removed", `client ${client.name} was removed`, null, { client: client.name });
  return { before: head, client: { before: client }, events: history.events };
}

/** What is on its way out has its clients removed once, at its end. */
function requireStaying({ id, deleted_at, active_operation }: Head): void {
  if (deleted_at !== null)
    throw new Problem("not-found", `deployment ${id} was deleted at ${deleted_at}: create it again to give it clients`);
  if (active_operation?.kind === "DELETE")
    throw new Problem("operation-in-progress", `deployment ${id} is being deleted by ${active_operation.id}: it takes no more clients`, {
      members: { operation_id: active_operation.id },
    });
}

const rotation = ({ id }: Head, name: string): string => `POST /v1/deployments/${id}/clients/${name}/rotate`;

const nameTaken = (head: Head, name: string): Problem =>
  new Problem(
    "name-taken",
    `deployment ${head.id} has a client ${name} already. For another token: ${rotation(head, name)}. For another client: another name`,
    {
      errors: [{ path: "name", message: "taken", given: name }],
    },
  );

const full = ({ id }: Head): Problem =>
  new Problem(
    "quota-exceeded",
    `deployment ${id} has ${mostClients} clients, and may not have more. Remove those that nobody uses: GET /v1/deployments/${id}/clients says when each was last used`,
  );

const tooManyOverlaps = ({ id }: Head, { name }: Client): Problem =>
  new Problem(
    "quota-exceeded",
    `client ${name} of deployment ${id} has ${mostPreviousTokens} earlier tokens that still work. Give "overlap_seconds": 0 to end them all now, or wait until one is over`,
  );

/** A request with the same Idempotency-Key has had its effect, and nobody has the token to answer it again with. */
export const tokenShownOnce = (id: string, name: string): Problem =>
  new Problem(
    "token-shown-once",
    `a request with this Idempotency-Key has given client ${name} of deployment ${id} a token already. It was shown once and is not kept: ask for another one by POST /v1/deployments/${id}/clients/${name}/rotate with another key`,
    { members: { client: name } },
  );
