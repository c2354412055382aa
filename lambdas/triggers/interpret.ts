import type { GenericSource, ReportSources } from "../../domain/report-sources.ts";
import type { Meaning, Trigger } from "../../domain/trigger.ts";
import { CannotBeAsked, type ModelTracking, type SageMakerLookups } from "../ports/report-lookups.ts";
import { readMlflow } from "./mlflow.ts";
import { modelStudio, readTrainingJob } from "./model-studio.ts";
import { readReportedVersion } from "./reported-version.ts";
import { readSageMaker } from "./sagemaker.ts";

export interface Lookups {
  tracking: ModelTracking;
  sageMaker: SageMakerLookups;
}

/** What a trigger means, by who sent it; what another system has to be asked for is asked here. */
export function interpreter(sources: ReportSources, lookups: Lookups): (trigger: Trigger) => Promise<Meaning> {
  return async (trigger) => {
    try {
      return await read(trigger, sources, lookups);
    } catch (error) {
      if (!(error instanceof CannotBeAsked)) throw error;
      const { message: reason, passes } = error;
      return { does: "fail", reason, ...(passes && { passes }) };
    }
  };
}

async function read(trigger: Trigger, { webhooks, sagemaker }: ReportSources, { tracking, sageMaker }: Lookups): Promise<Meaning> {
  const { source } = trigger;
  if (source === modelStudio) return readTrainingJob(trigger);
  if (source === "event") return readReportedVersion(trigger);
  if (source === "sagemaker") return readSageMaker(trigger, sagemaker, sageMaker);
  const webhook = Object.hasOwn(webhooks, source) ? webhooks[source] : undefined;
  if (webhook?.kind === "mlflow") return readMlflow(trigger, webhook, tracking);
  if (webhook?.kind === "generic") return ofItsGroups(readReportedVersion({ ...trigger, payload: { detail: trigger.payload } }), webhook);
  return { does: "fail", reason: `nothing is known of the source ${source}: configure it under reports, then replay this trigger` };
}

function ofItsGroups(meaning: Meaning, { groups }: GenericSource): Meaning {
  const group = meaning.does === "register" ? meaning.candidate.group : meaning.does === "fail" ? meaning.group : undefined;
  if (groups === null || group === undefined || groups.includes(group)) return meaning;
  return { does: "fail", reason: `this webhook may not report for the group ${group}: configured are ${groups.join(", ") || "none"}` };
}
