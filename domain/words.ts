/** The glossary's closed lists (docs/glossary.md). Every other module takes these words from here. */

export const statuses = ["CREATED", "STARTING", "RUNNING", "IDLE", "UPDATING", "STOPPING", "STOPPED", "FAILED"] as const;
export type Status = (typeof statuses)[number];

export const conditionTypes = ["SCHEDULED", "INITIALIZED", "STARTED", "READY", "STOPPED"] as const;
export type ConditionType = (typeof conditionTypes)[number];

/** True when done, False when failed, Unknown while in progress. */
export const conditionStatuses = ["True", "False", "Unknown"] as const;
export type ConditionStatus = (typeof conditionStatuses)[number];

export const healths = ["provisioning", "starting", "healthy", "degraded", "failed", "unknown"] as const;
export type Health = (typeof healths)[number];

export const components = ["predictor", "transformer"] as const;
export type Component = (typeof components)[number];

export const slotNames = ["blue", "green"] as const;
export type SlotName = (typeof slotNames)[number];

/** active has the traffic, preview is on its way, warm is kept for a quick rollback. An empty slot is null. */
export const slotRoles = ["active", "preview", "warm"] as const;
export type SlotRole = (typeof slotRoles)[number];

export const operationKinds = ["START", "UPDATE", "ROLLBACK", "STOP", "RESTART", "DELETE", "SMOKE_TEST"] as const;
export type OperationKind = (typeof operationKinds)[number];

export const outcomes = ["SUCCEEDED", "ROLLED_BACK", "FAILED", "CANCELLED"] as const;
export type Outcome = (typeof outcomes)[number];

export const roles = ["viewer", "member", "admin"] as const;
export type Role = (typeof roles)[number];

/** The verbs a person may ask of a deployment. */
export const actions = ["start", "stop", "restart", "update", "rollback", "smoke-test", "abort", "delete"] as const;
export type Action = (typeof actions)[number];
