import { Problem } from "../../domain/errors.ts";
import type { ModelVersion } from "../../domain/model.ts";
import { type Candidate, type Meaning, sameContent, type Trigger, type TriggerOutcome } from "../../domain/trigger.ts";
import { RecordConflict } from "../ports/record.ts";
import type { TriggerStore } from "../ports/triggers.ts";
import { promoteOnReport } from "./begin-promotion.ts";
import { withdrawVersion } from "./decide-promotion.ts";
import { timestamp } from "./installation.ts";
import type { Promoting } from "./promoting.ts";
import { locationFault } from "./require-location.ts";

export interface Taking extends Promoting {
  triggers: TriggerStore;
  /** What a trigger means, by its source; to look it up in other systems is its affair. */
  interpret(trigger: Trigger): Promise<Meaning>;
}

/**
 * What came in, kept before anything is done for it. A second delivery of the same thing has no effect. Errors: Problem
 * `report-incomplete`, when it is kept and of use only when its sender repeats it in a moment.
 */
export async function takeTrigger(
  ports: Taking,
  given: Pick<Trigger, "source" | "kind" | "key" | "payload"> & { group?: string | null },
): Promise<Trigger> {
  const received_at = timestamp(ports.clock);
  const unsettled = { model: null, version: null, outcome: null, reason: null, handled_at: null, attempts: 0 };
  const kept = await ports.triggers.accept({ group: null, ...given, id: ports.newId(), received_at, ...unsettled });
  // One without an outcome was broken off, and what was missing for another may be there by now: this delivery finishes it.
  return kept.outcome === null || kept.outcome === "UNUSABLE" ? handleTrigger(ports, kept) : kept;
}

/** Looks at a trigger (again), and keeps what became of it. Errors: as takeTrigger. */
export async function handleTrigger(ports: Taking, trigger: Trigger): Promise<Trigger> {
  const { passes, ...settled } = await outcomeOf(ports, trigger);
  const after = { ...trigger, ...settled, attempts: trigger.attempts + 1, handled_at: timestamp(ports.clock) };
  await ports.triggers.settle(after, trigger.group);
  if (passes) throw incomplete(after);
  return after;
}

function incomplete({ id, reason }: Trigger): Problem {
  const members = { trigger_id: id, retry_after_seconds: 5 };
  return new Problem("report-incomplete", `${reason}. It is kept as trigger ${id}: deliver it once more in a moment, or replay it`, {
    members,
  });
}

type Settled = Pick<Trigger, "outcome" | "reason"> & Partial<Pick<Trigger, "group" | "model" | "version">> & { passes?: boolean };

async function outcomeOf(ports: Taking, trigger: Trigger): Promise<Settled> {
  const meaning = await ports.interpret(trigger);
  if (meaning.does === "nothing") return { outcome: "IGNORED", reason: meaning.reason };
  if (meaning.does === "fail") {
    const { reason, group = trigger.group, name = null, passes = false } = meaning;
    return { outcome: "UNUSABLE", reason, group: await madeGroup(ports, group), model: name, passes };
  }
  if (meaning.does === "withdraw") return withdraw(ports, meaning, trigger);
  return meaning.does === "register" ? register(ports, meaning.candidate, trigger) : promote(ports, meaning, trigger);
}

/** A group that nobody has made is nobody's. */
async function madeGroup(ports: Taking, group: string | null): Promise<string | null> {
  return group !== null && (await ports.record.groups()).includes(group) ? group : null;
}

async function register(ports: Taking, candidate: Candidate, { source: sender }: Trigger): Promise<Settled> {
  const { group, name, source } = candidate;
  const of = { group, model: name };
  const model = await ports.record.model(group, name);
  if (!model) {
    const reason = `there is no model ${group}/${name}: create it (POST /v1/models), then replay this trigger`;
    return { ...of, group: await madeGroup(ports, group), outcome: "UNUSABLE", reason };
  }
  const known = await ports.record.versionOfOrigin(group, name, source);
  if (known) return { ...of, ...(await compared(ports, candidate, known)) };
  const outside = await locationFault(ports.record, group, candidate.artifact_uri);
  if (outside) return { ...of, outcome: "UNUSABLE", reason: `${candidate.artifact_uri} is not taken: ${outside}` };
  const version = {
    ...candidate,
    registered_by: sender,
    registered_at: timestamp(ports.clock),
    ...{ verified_in: [], approved_by: [], running_in: [], promotions: [], failure: null, observed_signature: null, withdrawn: null },
  };
  try {
    const registered = await ports.record.registerVersion(version, undefined, model.latest_version);
    return { ...of, version: registered.version, outcome: "REGISTERED", reason: null };
  } catch (error) {
    const first = error instanceof RecordConflict && error.what === "exists" && (await ports.record.versionOfOrigin(group, name, source));
    if (!first) throw error;
    return { ...of, ...compare(candidate, first) };
  }
}

/** What a source reports once more it stands by again, whatever it said between. */
async function compared(ports: Taking, candidate: Candidate, known: ModelVersion): Promise<Settled> {
  const settled = compare(candidate, known);
  if (settled.outcome === "KNOWN" && known.withdrawn) await ports.record.noteWithdrawal(known, null);
  return settled;
}

/** A version never changes: another content under its name is kept, and told. */
function compare(candidate: Candidate, { version, ...known }: ModelVersion): Settled & { outcome: TriggerOutcome } {
  if (sameContent(candidate, { version, ...known })) return { version, outcome: "KNOWN", reason: `it is version ${version} already` };
  const reason = `${candidate.source.name} reported ${candidate.source.id} before, as version ${version} with ${known.artifact_uri}, and a version never changes. Report it under another id`;
  return { version, outcome: "CONFLICT", reason };
}

async function promote(ports: Taking, wanted: Meaning & { does: "promote" }, trigger: Trigger): Promise<Settled> {
  const { group, name, source, environment, candidate } = wanted;
  const registered = candidate && (await register(ports, candidate, trigger));
  if (registered?.outcome === "UNUSABLE") return registered;
  const version = await ports.record.versionOfOrigin(group, name, source);
  if (!version) return unreported(wanted);
  const of = { group, model: name, version: version.version };
  const asked = { actor: trigger.source, environment, key: `trigger-${trigger.id}` };
  try {
    const promotion = await promoteOnReport(ports, version, asked);
    return { ...of, outcome: "PROMOTED", reason: promotion ? `promotion ${promotion.id} to ${environment}` : "it had its effect before" };
  } catch (error) {
    if (!(error instanceof Problem && error.code === "operation-in-progress")) throw error;
    return { ...of, outcome: "IGNORED", reason: error.message };
  }
}

/** Its own delivery may be on its way. */
function unreported({ group, name, source }: Meaning & { does: "promote" }): Settled {
  const reason = `${source.name} has not reported ${source.id} of ${group}/${name} yet`;
  return { group, model: name, outcome: "UNUSABLE", reason, passes: true };
}

async function withdraw(
  ports: Taking,
  { group, name, source, reason }: Meaning & { does: "withdraw" },
  trigger: Trigger,
): Promise<Settled> {
  const of = { group, model: name };
  const version = await ports.record.versionOfOrigin(group, name, source);
  if (!version) return { ...of, outcome: "IGNORED", reason: `${reason}; it has not been reported` };
  const ended = await withdrawVersion(ports, version, { actor: trigger.source, reason });
  const what = ended.length > 0 ? `promotions ended: ${ended.join(", ")}` : "it is on no way, and goes on none by itself";
  return { ...of, version: version.version, outcome: "WITHDRAWN", reason: `${reason}; ${what}` };
}
