import type { Head } from "../../domain/deployment.ts";
import type { Observed } from "../../domain/observed.ts";
import type { Revision } from "../../domain/revision.ts";
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
