/** EVENT item: who or what did what, when, with what outcome. `sequence` is gapless per deployment. */
export interface DeploymentEvent {
  sequence: number;
  at: string;
  actor: string;
  type: EventType;
  message: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  operation_id: string | null;
}

export type EventType =
  | "Deployment Created"
  | "Revision Stored"
  | "Operation Started"
  | "Operation Ended"
  | "Traffic Moved"
  | "Deployment State Changed"
  | "Hold Lifted"
  | "Client Added"
  | "Client Rotated"
  | "Client Removed"
  | "Operation Promoted"
  | "Deployment Deleted"
  | "Instance Failed"
  | "Instances Ended"
  | "Drift Found"
  | "Drift Gone"
  | "Objective Missed"
  | "Objective Met"
  | "Alert Raised"
  | "Alert Resolved";
