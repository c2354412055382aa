import type { Alert } from "./alerts.ts";
import type { ActiveOperation, LastOperation } from "./operation.ts";
import type { ClusterPlace } from "./place.ts";
import type { SlotName, SlotRole, Status } from "./words.ts";

/** What people and operations decided: the record's HEAD item. Times are RFC 3339 UTC with milliseconds. */
export interface Head {
  uid: string;
  id: string;
  group: string;
  name: string;
  environment: string;
  /** For If-Match: grows when a person's request or the end of an operation changes the deployment. */
  version: number;
  /** Grows with each operation; a write carrying an older one is refused. */
  epoch: number;
  /** Sequence of the newest EVENT. */
  event_sequence: number;
  place: ClusterPlace;
  /**
   * `latest` is the highest number ever given; `wanted` what should run; `running` what has the traffic; `served` what
   * has had all of it, newest first, without what was rolled back since.
   */
  revisions: { latest: number; wanted: number; running: number | null; served: number[] };
  slots: Record<SlotName, SlotRecord | null>;
  active_operation: ActiveOperation | null;
  last_operation: LastOperation | null;
  /** Set by a rollback: nothing is promoted here by itself until a person lifts it. */
  hold?: Hold | null;
  /** Objectives that what serves does not keep. */
  alerts?: Alert[];
  /** Set once the first start was asked for: tells CREATED from STOPPED. */
  started_once: boolean;
  access: "public" | "private";
  /** Registry entry of the wanted revision; null when it runs a URI or an image of its own. */
  model: { name: string; version: number } | null;
  created_at: string;
  created_by: string;
  updated_at: string;
  updated_by: string;
  deleted_at: string | null;
}

export interface Hold {
  reason: string;
  at: string;
  by: string;
}

/** A revision's objects in one slot. They carry its revision and epoch in their names and are never changed. */
export interface SlotRecord {
  revision: number;
  epoch: number;
  role: SlotRole;
  /** Percent of the traffic. */
  weight: number;
  /** Instances wanted at provision time, per component; transformer null when the revision has none. */
  desired: { predictor: number; transformer: number | null };
  /** Of a warm slot, once its operation has ended: until when it is kept. */
  warm_until?: string | null;
}

/** What a list shows of a deployment. */
export interface Card {
  uid: string;
  id: string;
  group: string;
  name: string;
  environment: string;
  status: Status;
  access: "public" | "private";
  revisions: { wanted: number; running: number | null };
  model: { name: string; version: number } | null;
  created_at: string;
  created_by: string;
  updated_at: string;
  updated_by: string;
}
