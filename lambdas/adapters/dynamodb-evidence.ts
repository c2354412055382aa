import type { Evidence, SmokeTestResult } from "../../domain/evidence.ts";
import { type Item, withoutNulls } from "./dynamodb-items.ts";
import { mergeEvidence } from "./running-operation.ts";

const prefix = "evidence_";

/** Each field of evidence is an attribute of its own, digests each component's: what is kept replaces nothing else. */
export function evidenceFields({ digests = {}, smoke_tests, ...fields }: Partial<Evidence>): Item {
  const named = (entries: [string, unknown][], begins: string) =>
    Object.fromEntries(entries.filter(([, value]) => value !== undefined).map(([name, value]) => [`${begins}${name}`, value]));
  const all = { ...fields, smoke_tests: smoke_tests?.map(resultItem) };
  return { ...named(Object.entries(all), prefix), ...named(Object.entries(digests), `${prefix}digest_`) };
}

export function evidenceIn(item: Item | undefined): Evidence | null {
  const kept: Record<string, unknown> = {};
  const digests: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(item ?? {})) {
    if (name.startsWith(`${prefix}digest_`)) digests[name.slice(prefix.length + "digest_".length)] = value;
    else if (name === `${prefix}smoke_tests`) kept.smoke_tests = (value as Item[]).map(resultOf);
    else if (name.startsWith(prefix)) kept[name.slice(prefix.length)] = value;
  }
  const nothing = Object.keys(kept).length === 0 && Object.keys(digests).length === 0;
  return nothing ? null : mergeEvidence({ ...kept, digests }, {});
}

/** Flat, and without what most have in common: three probes are in every operation, and are to leave it within a unit. */
function resultItem({ name, passed, request, response, failure, note }: SmokeTestResult): Item {
  const { method, path, body } = request;
  return {
    name,
    path,
    ms: response.latency_ms,
    ...(!passed && { passed }),
    ...(method !== "GET" && { method }),
    ...withoutNulls({ sent: body, status: response.status, body: response.body, failure, note }),
  };
}

function resultOf({ name, path, ms, passed = true, method = "GET", sent = null, status = null, body = null, failure = null, note }: Item) {
  return {
    ...{ name, passed, request: { method, path, body: sent }, response: { status, body, latency_ms: ms }, failure },
    ...(note !== undefined && { note }),
  } as SmokeTestResult;
}
