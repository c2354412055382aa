import * as z from "zod";
import { groupName, modelName, oneLineText } from "./grammars.ts";
import { registerVersionBody } from "./models.ts";
import { strict } from "./strict.ts";

/** What other systems report. Events of theirs may say more than is used; a webhook made for Slipway may not. */

const model = z.object({ group: groupName, name: modelName });
const version = registerVersionBody.shape;
const sequence = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Detail of `model-studio` / `Training Job State Change`. */
export const trainingJob = z.object({
  job_id: oneLineText(256).min(1),
  status: oneLineText(64),
  model: model.optional(),
  artifact_uri: version.artifact_uri.optional(),
  runtime: version.runtime,
  framework: version.framework,
  metrics: version.metrics,
  metadata: version.metadata,
  checksum: version.checksum,
  /** What is newer has more; when absent, the event's own time. */
  sequence: sequence.optional(),
});

/** Body of a `generic` webhook, and detail of `Model Version Registered` as others send it. */
export const reportedVersion = strict({
  /** What the sender calls this version: the same id is the same version. */
  id: oneLineText(256).min(1),
  model: strict({ group: groupName, name: modelName }),
  ...version,
  sequence: sequence.optional(),
});

/** What an event of another system has around its detail. */
export const busEvent = z.object({
  id: z.string(),
  source: z.string(),
  "detail-type": z.string(),
  time: z.iso.datetime({ offset: true }),
  detail: z.record(z.string(), z.unknown()),
});
export type BusEvent = z.output<typeof busEvent>;
