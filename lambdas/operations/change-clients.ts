import type { NewClient, Rotation } from "../../contract/clients.ts";
import { type Client, tokenOf } from "../../domain/client.ts";
import {
  addClient as decideToAdd,
  removeClient as decideToRemove,
  rotateClient as decideToRotate,
  mostClients,
} from "../../domain/client-changes.ts";
import type { Annotation } from "../../domain/decision.ts";
import type { Head } from "../../domain/deployment.ts";
import { Problem } from "../../domain/errors.ts";
import type { Tokens } from "../ports/clients.ts";
import type { Caller } from "./caller.ts";
import { kept, type Repeatable } from "./idempotency.ts";
import { type Changing, timestamp } from "./installation.ts";
import { type ChangeRequest, loadAnyway } from "./load-for-change.ts";
import { againWhenOvertaken } from "./overtaken.ts";

export interface ChangingClients extends Changing {
  tokens: Pick<Tokens, "newSecret" | "hash">;
}

/** A client with its token, which is nowhere once it has been answered. */
export interface Issued {
  /** The deployment's version as it is now. */
  version: number;
  client: Client;
  token: string;
}

export function addClient(
  ports: ChangingClients,
  caller: Caller,
  { given, ...request }: ChangeRequest & { given: NewClient },
  repeatable: Repeatable | undefined,
): Promise<Issued> {
  const expires_at = expiryIn(given, ports.clock.now());
  return againWhenOvertaken(ports.clock, async () => {
    const { head } = await loadAnyway(ports, caller, request);
    const present = await ports.record.clients(head.uid, { limit: mostClients });
    return issue(ports, head, given.name, repeatable, (token_hash) =>
      decideToAdd(head, present.items, { name: given.name, token_hash, expires_at, ...said(ports, caller) }),
    );
  });
}

export function rotateClient(
  ports: ChangingClients,
  caller: Caller,
  { name, given, ...request }: ChangeRequest & { name: string; given: Rotation },
  repeatable: Repeatable | undefined,
): Promise<Issued> {
  return againWhenOvertaken(ports.clock, async () => {
    const { head } = await loadAnyway(ports, caller, request);
    const client = await findClient(ports, head, name);
    return issue(ports, head, name, repeatable, (token_hash) =>
      decideToRotate(head, client, { token_hash, overlap_seconds: given.overlap_seconds, ...said(ports, caller) }),
    );
  });
}

/** From the moment that this is written, its tokens are worth nothing. */
export function removeClient(ports: Changing, caller: Caller, { name, ...request }: ChangeRequest & { name: string }): Promise<void> {
  return againWhenOvertaken(ports.clock, async () => {
    const { head } = await loadAnyway(ports, caller, request);
    const client = await findClient(ports, head, name);
    await ports.record.annotate(decideToRemove(head, client, said(ports, caller)));
  });
}

async function issue(
  { record, tokens }: ChangingClients,
  head: Head,
  name: string,
  repeatable: Repeatable | undefined,
  decide: (tokenHash: string) => Annotation & { client: { after: Client } },
): Promise<Issued> {
  const token = tokenOf(name, tokens.newSecret());
  const annotation = decide(tokens.hash(token));
  const idempotency = kept(repeatable, { status_code: 409, uid: head.uid, pointer: { id: head.id, name } });
  await record.annotate({ ...annotation, ...(idempotency && { idempotency }) });
  return { version: head.version + 1, client: annotation.client.after, token };
}

const said = ({ clock }: Changing, { actor }: Caller) => ({ actor, at: timestamp(clock) });

async function findClient({ record }: Changing, { uid, id }: Head, name: string): Promise<Client> {
  const client = await record.client(uid, name);
  if (!client)
    throw new Problem("not-found", `deployment ${id} has no client ${name}. GET /v1/deployments/${id}/clients lists those that it has`);
  return client;
}

function expiryIn({ expires_at: given }: NewClient, now: number): string | null {
  if (given === null) return null;
  const at = Date.parse(given);
  if (at > now) return new Date(at).toISOString();
  const message = `a time to come: it is ${new Date(now).toISOString()} now. Leave it out for a client that does not expire`;
  throw new Problem("invalid-input", `The body is not valid. expires_at: ${message}`, { errors: [{ path: "expires_at", message, given }] });
}
