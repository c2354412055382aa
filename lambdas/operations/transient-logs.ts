import type { Head } from "../../domain/deployment.ts";
import { Problem } from "../../domain/errors.ts";
import type { Clusters } from "../ports/cluster.ts";
import type { MaskSecrets } from "../ports/masking.ts";
import type { DeploymentReader } from "../ports/record.ts";
import { type Caller, maySee } from "./caller.ts";
import { containersIn, type LoggedContainer } from "./container-runs.ts";
import { findDeployment } from "./find-deployment.ts";
import { beginReading, type Reading, readTransientLogs, type TransientPage, type TransientQuery } from "./read-transient-logs.ts";
import { type RevisionFilter, wantedRevisions } from "./wanted-revisions.ts";

export interface TransientPorts {
  record: DeploymentReader;
  clusters: Clusters;
  maskSecrets: MaskSecrets;
}

/** What a process has seen of a deployment when it told its logs: none of it ever changes but the containers. */
interface Seen extends Pick<Head, "uid" | "id" | "group" | "place"> {
  containers: LoggedContainer[];
}

const mostDeployments = 200;
const mostContainers = 100;

type Asked = Omit<TransientQuery, "revisions"> & RevisionFilter;

/**
 * Transient logs by id or uid. Who asks again in the same process waits for the record, the list of instances and their
 * logs at once, and not for one after another: a run that was known before its log was asked for, and is the same in the
 * list, is the one that was read. Errors: as `findDeployment` and `readTransientLogs`.
 */
export function transientLogs(ports: TransientPorts): (caller: Caller, reference: string, asked: Asked) => Promise<TransientPage> {
  const known = new Map<string, Seen>();
  return async (caller, reference, asked) => {
    const seen = known.get(reference);
    const ahead = seen && maySee(caller, seen.group) ? readAhead(ports, reference, seen, asked) : undefined;
    const head = (await ahead?.head) ?? (await findDeployment(ports.record, caller, reference));
    const query = { ...asked, revisions: await wantedRevisions(ports.record, head, asked) };
    const reading = ahead && seen?.uid === head.uid ? ahead.reading : beginReading(ports.clusters, head, query);
    const page = await readTransientLogs(ports, head, query, reading);
    if (known.size >= mostDeployments) known.clear();
    const { uid, id, group, place } = head;
    known.set(reference, { uid, id, group, place, containers: (await reading.pods).flatMap(containersIn).slice(0, mostContainers) });
    return page;
  };
}

/** `head`: undefined when what was seen is no longer who is meant. */
function readAhead({ record, clusters }: TransientPorts, reference: string, seen: Seen, asked: Asked) {
  const isFiltered = asked.serving_name !== undefined || asked.model_name !== undefined || asked.model_version !== undefined;
  // The record first: it is answered while the cluster is still being asked.
  const head = record.head(seen.uid).then((now) => (now?.deleted_at === null || reference === now?.uid ? now : undefined));
  const reading = readingOrNone(() => beginReading(clusters, seen, { ...asked, revisions: null }, isFiltered ? [] : seen.containers));
  if (reading) return { reading, head };
  head.catch(() => undefined);
  return undefined;
}

/** What is wrong with a question is said when it is known whose it is. */
function readingOrNone(begin: () => Reading): Reading | undefined {
  try {
    return begin();
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}
