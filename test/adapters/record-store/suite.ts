import { keepsCards } from "./cards.ts";
import { keepsClients } from "./clients.ts";
import { keepsDeployments } from "./deployments.ts";
import { keepsObservations } from "./observations.ts";
import { keepsOperationProgress } from "./operation-progress.ts";
import { keepsRegistry } from "./registry.ts";
import type { Subject } from "./subject.ts";

/** What every RecordStore keeps: run on the double that other tests trust, and on DynamoDB. */
export function recordStoreSuite(subject: () => Subject): void {
  keepsDeployments(subject);
  keepsCards(subject);
  keepsClients(subject);
  keepsOperationProgress(subject);
  keepsObservations(subject);
  keepsRegistry(subject);
}
