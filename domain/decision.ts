import type { Alert } from "./alerts.ts";
import type { Client } from "./client.ts";
import type { Card, Head, Hold } from "./deployment.ts";
import type { DeploymentEvent } from "./deployment-event.ts";
import type { Operation, Promotion } from "./operation.ts";
import type { Revision } from "./revision.ts";

/** What a person's request changes, decided without I/O; the record stores it in one transaction, or not at all. */
export interface Decision {
  /** HEAD before (undefined: create). The transaction's condition is `before.version`. */
  before: Head | undefined;
  after: Head;
  events: DeploymentEvent[];
  revision?: Revision;
  operation?: Operation;
  card: Card;
}

/** The end of an operation, decided without I/O; stored in one transaction conditional on epoch and active operation. */
export interface Ending {
  before: Head;
  after: Head;
  /** The OPERATION item as it stays. */
  operation: Partial<Operation> & Pick<Operation, "id" | "outcome" | "cause" | "steps" | "ended_at">;
  events: DeploymentEvent[];
  card: Card;
}

/** Without `before` it is added, without `after` removed. */
export interface ClientChange {
  before?: Client;
  after?: Client;
}

/** What is noted on a deployment beside whatever runs. Only what is given changes. */
export interface Annotation {
  before: Head;
  hold?: Hold | null;
  /** Those that stand from now on. What is seen is no change that a person has to know of before the next one. */
  alerts?: Alert[];
  client?: ClientChange;
  /** Of the operation under way. */
  promotion?: Promotion;
  events: DeploymentEvent[];
}
