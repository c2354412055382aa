import type { Head } from "../../domain/deployment.ts";
import { Problem } from "../../domain/errors.ts";
import type { DeploymentReader, Standing } from "../ports/record.ts";
import { type Caller, maySee } from "./caller.ts";

/** HEAD of a deployment by id or uid, consistently read. What the caller may not see is not there, in the same words. */
export async function findDeployment(record: DeploymentReader, caller: Caller, reference: string): Promise<Head> {
  const uid = await record.uidOf(reference);
  const head = uid === undefined ? undefined : await record.head(uid);
  if (!head || !maySee(caller, head.group)) throw noDeployment(reference);
  return head;
}

/** The same with what was seen. */
export async function findStanding(record: DeploymentReader, caller: Caller, reference: string): Promise<Standing> {
  const uid = await record.uidOf(reference);
  const standing = uid === undefined ? undefined : await record.standing(uid);
  if (!standing || !maySee(caller, standing.head.group)) throw noDeployment(reference);
  return standing;
}

/** HEAD of the deployment that has this id (or uid) now, consistently read; undefined when none has, or it is deleted. */
export async function liveHead(record: Pick<DeploymentReader, "uidOf" | "head">, reference: string): Promise<Head | undefined> {
  const uid = await record.uidOf(reference);
  const head = uid === undefined ? undefined : await record.head(uid);
  return head?.deleted_at === null ? head : undefined;
}

/** The same with what was seen. */
export async function liveStanding(
  record: Pick<DeploymentReader, "uidOf" | "standing">,
  reference: string,
  consistently = false,
): Promise<Standing | undefined> {
  const uid = await record.uidOf(reference, consistently);
  const standing = uid === undefined ? undefined : await record.standing(uid);
  return standing?.head.deleted_at === null ? standing : undefined;
}

/** HEAD and what was seen, at half the price: may be a moment old. */
export async function findState(record: DeploymentReader, caller: Caller, reference: string): Promise<Standing> {
  const found = await record.state(reference);
  if (!found || !maySee(caller, found.head.group)) throw noDeployment(reference);
  return { head: found.head, observed: await record.stillSeen(found.head, found.observed, found.isLookedUp) };
}

const noDeployment = (reference: string) =>
  new Problem("not-found", `there is no deployment ${reference}, or you may not see it. GET /v1/deployments lists those that you may`);
