import { reportedVersion } from "../../contract/triggers.ts";
import type { Meaning, Trigger } from "../../domain/trigger.ts";
import { faultsIn } from "./faults-in.ts";
import { namedIn } from "./named-in.ts";

/** A version as Slipway itself wants to hear of it: by a generic webhook, or as an event of others. */
export function readReportedVersion({ source: name, payload, received_at }: Trigger): Meaning {
  const parsed = reportedVersion.safeParse(payload.detail);
  if (!parsed.success) return { does: "fail", reason: faultsIn(parsed.error, payload.detail), ...namedIn(payload.detail) };
  const { id, model, sequence, ...rest } = parsed.data;
  const time = typeof payload.time === "string" ? payload.time : received_at;
  return { does: "register", candidate: { ...model, ...rest, source: { name, id, sequence: sequence ?? Date.parse(time) } } };
}
