import { setTimeout as delay } from "node:timers/promises";
import type { PreflightQuestion } from "../../domain/preflight.ts";
import { eksClusters } from "../adapters/eks-clusters.ts";
import { preflight } from "../preflight/preflight.ts";
import { awsSurroundings } from "../runtime/aws-surroundings.ts";
import { eventHandler } from "../runtime/event-handler.ts";
import { readSettings } from "../runtime/read-settings.ts";

readSettings("Preflight");
const ports = {
  clusters: eksClusters(awsSurroundings("EKS")),
  after: (milliseconds: number, signal: AbortSignal) => delay(milliseconds, undefined, { signal }),
};

export const handler = eventHandler((question: PreflightQuestion) => preflight(question, ports));
