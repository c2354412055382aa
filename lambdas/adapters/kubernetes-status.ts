import { KubernetesError } from "../ports/cluster.ts";
import type { KubernetesReply } from "./kubernetes-request.ts";

interface Status {
  kind: "Status";
  apiVersion: "v1";
  code?: number;
  reason?: string;
  message?: string;
}

/** The API server's own word, as opposed to what a backend behind its proxy may answer with the same number. */
export function statusIn(body: string): Status | undefined {
  if (!body.startsWith("{")) return undefined;
  try {
    const document = JSON.parse(body) as Partial<Status>;
    return document.kind === "Status" && document.apiVersion === "v1" ? (document as Status) : undefined;
  } catch {
    return undefined;
  }
}

export function kubernetesError(reply: KubernetesReply): KubernetesError {
  const status = statusIn(reply.body);
  const message = status?.message ?? (reply.body.slice(0, 500) || `the API server answered ${reply.status} without a word`);
  return new KubernetesError(status?.code ?? reply.status, status?.reason ?? "Unknown", message);
}

/** The error that a watch sends as its last event. */
export const watchError = (status: Partial<Status>): KubernetesError =>
  new KubernetesError(status.code ?? 500, status.reason ?? "Unknown", status.message ?? "the watch ended with an error");
