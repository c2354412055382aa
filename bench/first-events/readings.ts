import { ulid } from "ulid";
import type { PreflightQuestion } from "../../domain/preflight.ts";
import type { ExportStart } from "../../lambdas/ports/log-exports.ts";
import type { WatchStart } from "../../lambdas/ports/watches.ts";
import { authorizerEvent, httpEvent } from "../events.ts";
import type { FirstEvent, Round } from "./round.ts";

const cluster = "local";
const held = (round: Round) => ({ parameters: { id: round.name("held") } });

async function headOf(round: Round) {
  const uid = await round.record.uidOf(round.name("held"));
  const head = uid === undefined ? undefined : await round.record.head(uid);
  if (!head) throw new Error(`there is no deployment ${round.name("held")} to ask about`);
  return head;
}

/** Of a deployment whose instance is there. */
export const readingEvents = {
  DescribeApi: () => httpEvent("GET /v1/openapi.json"),
  ReadRecord: (round) => httpEvent("GET /v1/deployments/{id}", held(round)),
  AuthorizeClient: async (round) => {
    const { token } = await round.system.call("POST", `/v1/deployments/${round.name("held")}/clients`, { name: "bench" });
    return authorizerEvent("/private-endpoints/{id}", {
      parameters: { id: round.name("held") },
      headers: { Authorization: `Bearer ${token}` },
    });
  },
  InspectCluster: (round) => httpEvent("GET /v1/deployments/{id}/state", { ...held(round), query: { live: "true" } }),
  ReadLogs: (round) => httpEvent("GET /v1/deployments/{id}/logs", held(round)),
  WriteLogExport: async (round): Promise<ExportStart> => {
    const { uid, id, place } = await headOf(round);
    const [from, until] = [Date.now() - 3_600_000, Date.now()];
    const lines = { cluster: place.cluster, namespace: place.namespace, deployment: { id, uid }, revisions: null, from, until };
    return { uid, export_id: ulid(), started_at: new Date().toISOString(), request_hash: null, place: lines, is_deleted: false };
  },
  ReadMetrics: (round) => httpEvent("GET /v1/deployments/{id}/metrics", held(round)),
  CollectMetrics: () => ({}),
  RaiseAlerts: () => ({}),
  StopSearches: () => ({}),
  Preflight: async (round): Promise<PreflightQuestion> => {
    const deployment = await headOf(round);
    const revision = await round.record.revision(deployment.uid, 1);
    if (!revision) throw new Error(`${deployment.id} has no revision to ask about`);
    return { deployment, revision, serving_epoch: null };
  },
  Sync: () => ({}),
  /** It finds that another run has the word, lists what it would watch, and waits in vain: what it costs to begin. */
  Watch: (): WatchStart => ({ cluster, successor_of: "nobody" }),
} as const satisfies Record<string, FirstEvent>;
