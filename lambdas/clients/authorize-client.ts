import { type Client, holderOf, isUseToBeNoted, workingHashes } from "../../domain/client.ts";
import type { ClientAccess, Tokens } from "../ports/clients.ts";
import type { Clock, Log } from "../ports/surroundings.ts";
import { credentialsIn } from "./credentials.ts";

export interface ClientPorts {
  clients: ClientAccess;
  tokens: Pick<Tokens, "hash" | "areSame">;
  clock: Pick<Clock, "now">;
  log: Log;
}

/** What API Gateway asks, as far as it is needed. */
export interface AuthorizerQuestion {
  methodArn: string;
  headers?: Record<string, string | undefined> | null;
  pathParameters?: Record<string, string | undefined> | null;
}

/** Who asks, when it is a client of the deployment that is asked; undefined for everybody else, whatever the reason. */
export async function authorizeClient(ports: ClientPorts, question: AuthorizerQuestion): Promise<object | undefined> {
  const { clients, tokens, clock } = ports;
  const given = credentialsIn(headerIn(question, "authorization"));
  const holder = given && holderOf(given.token);
  const id = question.pathParameters?.id;
  if (!given || !holder || !id || (given.name ?? holder) !== holder) return undefined;
  const found = await clients.find(id, holder);
  if (!found) return undefined;
  const now = clock.now();
  const hash = tokens.hash(given.token);
  if (!workingHashes(found.client, now).some((working) => tokens.areSame(working, hash))) return undefined;
  if (isUseToBeNoted(found.client, now)) await noteUse(ports, found.uid, found.client, now);
  return allowed(question.methodArn, found.client.name, found.uid);
}

/** Nobody is turned away because the record cannot be written. */
async function noteUse({ clients, log }: ClientPorts, uid: string, client: Client, now: number): Promise<void> {
  try {
    await clients.noteUse(uid, client, new Date(now).toISOString());
  } catch (error) {
    log.warn(`the use of client ${client.name} of deployment ${uid} could not be noted`, error as Error);
  }
}

/** `context` is what the stage's mappings and its access log may name. */
const allowed = (methodArn: string, client: string, deployment: string): object => ({
  principalId: client,
  policyDocument: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: methodArn }] },
  context: { client, deployment },
});

function headerIn({ headers }: AuthorizerQuestion, wanted: string): string {
  const [, value] = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === wanted) ?? [];
  return value ?? "";
}
