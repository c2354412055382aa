import type { Head, Observed, Revision } from "../../domain/deployment.ts";
import type { Caller } from "./caller.ts";
import { findState } from "./find-deployment.ts";
import type { Reading } from "./installation.ts";
import { storedRevision } from "./load-for-change.ts";

export interface WholeDeployment {
  head: Head;
  observed: Observed | undefined;
  /** The wanted one. */
  revision: Revision;
}

export async function getDeployment(ports: Reading, caller: Caller, reference: string): Promise<WholeDeployment> {
  const { head, observed } = await findState(ports.record, caller, reference);
  return { head, observed, revision: await storedRevision(ports, head, head.revisions.wanted) };
}
