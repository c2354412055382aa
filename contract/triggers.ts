import * as z from "zod/mini";
import { groupName, modelName, oneLineText } from "./grammars.ts";
import { versionFields } from "./models.ts";
import { strict } from "./strict.ts";

/** What other systems report. Events of theirs may say more than is used; a webhook made for Slipway may not. */

const sequence = () => z.int().check(z.minimum(0), z.maximum(Number.MAX_SAFE_INTEGER));

/** Detail of `model-studio` / `Training Job State Change`. */
export const trainingJob = z.lazy(() => {
  const version = versionFields();
  return z.object({
    job_id: oneLineText(256).check(z.minLength(1)),
    status: oneLineText(64),
    model: z.optional(z.object({ group: groupName, name: modelName })),
    artifact_uri: z.optional(version.artifact_uri),
    runtime: version.runtime,
    framework: version.framework,
    metrics: version.metrics,
    metadata: version.metadata,
    signature: version.signature,
    checksum: version.checksum,
    /** What is newer has more; when absent, the event's own time. */
    sequence: z.optional(sequence()),
  });
});

/** Body of a `generic` webhook, and detail of `Model Version Registered` as others send it. */
export const reportedVersion = z.lazy(() =>
  strict({
    /** What the sender calls this version: the same id is the same version. */
    id: oneLineText(256).check(z.minLength(1)),
    model: strict({ group: groupName, name: modelName }),
    ...versionFields(),
    sequence: z.optional(sequence()),
  }),
);

/** What an event of another system has around its detail. */
export const busEvent = z.object({
  id: z.string(),
  source: z.string(),
  "detail-type": z.string(),
  time: z.iso.datetime({ offset: true }),
  detail: z.record(z.string(), z.unknown()),
});
export type BusEvent = z.output<typeof busEvent>;
