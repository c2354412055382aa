import * as z from "zod/mini";
import { modelName } from "../../contract/grammars.ts";
import { parseModelUri } from "../../contract/model-uri.ts";
import type { PromotionStageName } from "../../domain/promotion-policy.ts";
import type { MlflowSource } from "../../domain/report-sources.ts";
import type { Candidate, Meaning, Trigger } from "../../domain/trigger.ts";
import type { ModelTracking, TrackedVersion } from "../ports/report-lookups.ts";
import { faultsIn } from "./faults-in.ts";

/** A webhook of MLflow 3's model registry, as its servers send it. */
const mlflowDelivery = z.lazy(() =>
  z.object({
    entity: z.string(),
    action: z.string(),
    data: z.object({
      name: z.string(),
      version: z.nullish(z.string().check(z.regex(/^[0-9]{1,15}$/))),
      source: z.nullish(z.string()),
      tags: z.nullish(z.record(z.string(), z.string())),
      key: z.nullish(z.string()),
      value: z.nullish(z.string()),
      alias: z.nullish(z.string()),
    }),
  }),
);
type Data = z.output<typeof mlflowDelivery>["data"];

/** What a version is spoken of in one delivery. */
interface Told {
  sender: string;
  data: Data;
  version: string;
  configured: MlflowSource;
  tracking: ModelTracking;
}

/** MLflow's own "test webhook" speaks of a model by this name. */
const madeUp = "example_model";

export async function readMlflow(
  { source: sender, payload }: Trigger,
  configured: MlflowSource,
  tracking: ModelTracking,
): Promise<Meaning> {
  const parsed = mlflowDelivery.safeParse(payload);
  if (!parsed.success) return { does: "fail", reason: faultsIn(parsed.error, payload) };
  const { entity, action, data } = parsed.data;
  if (data.name === madeUp && !Object.hasOwn(configured.models, madeUp)) {
    return { does: "nothing", reason: "a test of the webhook: it arrived, and its signature is right" };
  }
  const { version } = data;
  const kind = `${entity}.${action}`;
  if (!version) return { does: "nothing", reason: `${kind} speaks of no version` };
  const told = { sender, data, version, configured, tracking };
  if (kind === "model_version.created") return readVersion(told);
  if (kind === "model_version_tag.set") return readTag(told);
  if (kind === "model_version_alias.created") return readAlias(told);
  return { does: "nothing", reason: `${kind} has no effect here` };
}

async function readVersion(told: Told): Promise<Meaning> {
  const candidate = await candidateOf(told, told.data.tags ?? {});
  return "does" in candidate ? candidate : { does: "register", candidate };
}

/** A tag tells where the artifact is, or sends its version to an environment. */
async function readTag(told: Told): Promise<Meaning> {
  const { data, configured } = told;
  const [key, value] = [data.key ?? "", data.value ?? ""];
  if (key === configured.artifact_tag) return readVersion({ ...told, data: { ...data, tags: { [key]: value } } });
  const environment = own(configured.tags, `${key}=${value}`);
  if (environment) return promotionOf(told, environment);
  return { does: "nothing", reason: `no environment is configured for the tag ${key}=${value.slice(0, 64)}` };
}

/** Deliveries come in no order: where the server can be asked, what it says now is what counts. */
async function readAlias(told: Told): Promise<Meaning> {
  const { data, version, configured, tracking } = told;
  const alias = data.alias ?? "";
  const environment = own(configured.aliases, alias);
  if (!environment) return { does: "nothing", reason: `no environment is configured for the alias ${alias}` };
  const now = configured.tracking ? await tracking.alias(configured.tracking, data.name, alias) : version;
  if (now !== version) {
    const gone = now === undefined ? "no version has" : `version ${now} has`;
    return { does: "nothing", reason: `${gone} the alias ${alias} by now, not version ${version}` };
  }
  return promotionOf(told, environment);
}

/** With the version itself where the server tells of it: its own delivery may still be on its way. */
async function promotionOf(told: Told, environment: PromotionStageName): Promise<Meaning> {
  const model = modelOf(told);
  if ("does" in model) return model;
  const candidate = told.configured.tracking ? await candidateOf(told, {}) : undefined;
  if (candidate && "does" in candidate) return candidate;
  return { does: "promote", ...model, source: sourceOf(told), environment, ...(candidate && { candidate }) };
}

const sourceOf = ({ sender, data, version }: Told) => ({ name: sender, id: `${data.name}/${version}`, sequence: Number(version) });

function modelOf({ data, configured }: Told): { group: string; name: string } | (Meaning & { does: "fail" }) {
  const name = own(configured.models, data.name) ?? data.name;
  if (modelName.safeParse(name).success) return { group: configured.group, name };
  const reason = `MLflow's model ${data.name} can have no such name here: give it one under models of this webhook's configuration`;
  return { does: "fail", group: configured.group, reason };
}

async function candidateOf(told: Told, tags: Record<string, string>): Promise<Candidate | (Meaning & { does: "fail" })> {
  const { data, version, configured, tracking } = told;
  const model = modelOf(told);
  if ("does" in model) return model;
  const said: TrackedVersion = { location: data.source ?? null, tags };
  const artifact_uri = locationOf(said, configured) ?? (await askedLocation(configured, tracking, data.name, version));
  if (artifact_uri === undefined) return unreadable(told, model);
  const unsaid = { framework: null, training_job: null, metrics: {}, metadata: {}, signature: null, checksum: null };
  return { ...model, artifact_uri, runtime: configured.runtime, ...unsaid, source: sourceOf(told) };
}

function unreadable({ data, version, configured }: Told, model: { group: string; name: string }): Meaning & { does: "fail" } {
  const asked = configured.tracking ? ", and the tracking server names no other" : "";
  const how = `set the version's tag ${configured.artifact_tag}, or configure ${configured.tracking ? "" : "tracking or "}artifact_prefixes`;
  const reason = `the source of version ${version} of ${data.name} (${data.source ?? "none"}) is no location that a cluster can read${asked}: ${how}`;
  return { does: "fail", ...model, reason };
}

async function askedLocation({ tracking: server, ...configured }: MlflowSource, tracking: ModelTracking, name: string, version: string) {
  const found = server && (await tracking.version(server, name, version));
  return found ? locationOf(found, configured) : undefined;
}

/** The tag counts first, then what the location's beginning stands for, then the location as it is. */
function locationOf(
  { location, tags }: TrackedVersion,
  { artifact_tag, artifact_prefixes }: Pick<MlflowSource, "artifact_tag" | "artifact_prefixes">,
): string | undefined {
  const [beginning, stands] = Object.entries(artifact_prefixes)
    .filter(([prefix]) => location?.startsWith(prefix))
    .sort(([one], [other]) => other.length - one.length)[0] ?? ["", undefined];
  const mapped = stands === undefined ? undefined : stands + (location ?? "").slice(beginning.length);
  return [own(tags, artifact_tag), mapped, location].find(
    (one): one is string => typeof one === "string" && !("wrong" in parseModelUri(one)),
  );
}

const own = <T>(map: Record<string, T>, key: string): T | undefined => (Object.hasOwn(map, key) ? map[key] : undefined);
