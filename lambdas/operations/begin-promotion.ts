import { createBody } from "../../contract/create.ts";
import { parse } from "../../contract/parse.ts";
import { runtimeOf } from "../../domain/catalogue/runtimes.ts";
import { Problem } from "../../domain/errors.ts";
import type { ModelVersion } from "../../domain/model.ts";
import { isNewer, type Lane, type Promotion } from "../../domain/promotion.ts";
import type { PromotionPolicy, PromotionStageName } from "../../domain/promotion-policy.ts";
import { notTheStages, stageBody } from "../../domain/promotion-target.ts";
import { beginPromotion as decide, longestQueue } from "../../domain/promotion-transitions.ts";
import { RecordConflict } from "../ports/record.ts";
import { type Caller, requireRole } from "./caller.ts";
import { liveHead } from "./find-deployment.ts";
import { kept, type Repeatable } from "./idempotency.ts";
import { timestamp } from "./installation.ts";
import { type Promoting, startWhenFirst, stopExecution, untilUndisturbed } from "./promoting.ts";
import { policyOf } from "./promotion-policy.ts";
import { getModelVersion } from "./read-models.ts";

export interface PromotionRequest {
  group: string;
  name: string;
  version: number;
  environment: PromotionStageName;
  override: string | null;
}

/** By hand: a version to staging, or a verified one to production. */
export async function promoteVersion(
  ports: Promoting,
  caller: Caller,
  request: PromotionRequest,
  repeatable: Repeatable | undefined,
): Promise<Promotion> {
  const version = await getModelVersion(ports, caller, request.group, request.name, request.version);
  requireRole(caller, request.group, "member");
  if (request.override !== null) requireRole(caller, request.group, "admin");
  const policy = await policyOf(ports, request.group, request.name);
  const { environment, override } = request;
  if (environment === "production" && override === null && !version.verified_in.includes("staging")) throw notVerified(version);
  await requireMakeable(ports, version, policy, environment);
  return begin(ports, { version, environment, policy, actor: caller.actor, automatic: false, override }, repeatable);
}

/**
 * By the model's policy, once for each version: a version that came late, or was sent on its way before, stays where it
 * is. undefined when nothing is to be done.
 */
export async function promoteByPolicy(
  ports: Promoting,
  version: ModelVersion,
  { actor }: { actor: string },
): Promise<Promotion | undefined> {
  const policy = await policyOf(ports, version.group, version.name);
  const way = policy.automatic;
  if (way === "none" || version.withdrawn) return undefined;
  const repeatable = { actor: "slipway", key: `promote-${version.group}-${version.name}-${version.version}-${way}`, request_hash: "" };
  try {
    return await begin(ports, { version, environment: way, policy, actor, automatic: true, override: null }, repeatable, true);
  } catch (error) {
    // Another delivery of the same news has sent it at this very moment.
    if (error instanceof RecordConflict && error.what === "idempotency") return undefined;
    throw error;
  }
}

/**
 * Because its source says so, once under a key: also a version that is older than what went before, as a registry goes
 * back to one. No person of ours has asked: a hold and a gate stay closed to it. undefined when it was begun before.
 */
export async function promoteOnReport(
  ports: Promoting,
  version: ModelVersion,
  { actor, environment, key }: { actor: string; environment: PromotionStageName; key: string },
): Promise<Promotion | undefined> {
  const policy = await policyOf(ports, version.group, version.name);
  try {
    const wanted = { version, environment, policy, actor, automatic: true, override: null };
    return await begin(ports, wanted, { actor: "slipway", key, request_hash: "" });
  } catch (error) {
    if (error instanceof RecordConflict && error.what === "idempotency") return undefined;
    throw error;
  }
}

interface Wanted {
  version: ModelVersion;
  environment: PromotionStageName;
  policy: PromotionPolicy;
  actor: string;
  automatic: boolean;
  override: string | null;
}

async function begin(ports: Promoting, wanted: Wanted, repeatable: Repeatable | undefined, onlyNewer: true): Promise<Promotion | undefined>;
async function begin(ports: Promoting, wanted: Wanted, repeatable: Repeatable | undefined, onlyNewer?: false): Promise<Promotion>;
async function begin(
  ports: Promoting,
  wanted: Wanted,
  repeatable: Repeatable | undefined,
  onlyNewer = false,
): Promise<Promotion | undefined> {
  const { promotions, record } = ports;
  const { group, name, version: number } = wanted.version;
  return untilUndisturbed(ports.clock, async () => {
    const lane = await promotions.lane(group, name);
    const running = lane.active === null ? undefined : await promotions.promotion(lane.active, group);
    const version = (await record.modelVersion(group, name, number)) ?? wanted.version;
    if (onlyNewer && !mayGoByItself(lane, version)) return undefined;
    requireRoom(lane, running, wanted);
    const { policy, environment, actor, automatic, override } = wanted;
    const { updated_at: _at, updated_by: _by, ...frozen } = policy as PromotionPolicy & { updated_at?: unknown; updated_by?: unknown };
    const beginning = { version, environment, actor, automatic, override, policy: frozen, id: ports.newId(), at: timestamp(ports.clock) };
    const runningVersion = running && (await record.modelVersion(group, name, running.model.version));
    const change = decide(lane, running, beginning, runningVersion);
    await promotions.change(change, kept(repeatable, { status_code: 202, pointer: { promotion_id: change.after.id } }));
    if (change.gives_way) await stopExecution(ports, change.gives_way.after);
    if (change.lane?.after.active === change.after.id) await startWhenFirst(ports, change.after.id, group);
    return change.after;
  });
}

/** Sent on its way once, and never after a newer one. */
function mayGoByItself(lane: Lane, version: ModelVersion): boolean {
  return lane.newest === null || isNewer(version, lane.newest);
}

function requireRoom(lane: Lane, running: Promotion | undefined, { version, environment }: Wanted): void {
  if (running?.model.version === version.version && running.environment === environment) {
    const detail = `version ${version.version} of ${version.group}/${version.name} is on its way to ${environment} already: promotion ${running.id}. Follow that one, or abort it`;
    throw new Problem("operation-in-progress", detail, { members: { promotion_id: running.id } });
  }
  if (lane.queued.length < longestQueue) return;
  const detail = `${lane.queued.length} promotions of ${version.group}/${version.name} wait already. Abort some, or wait until they have ended`;
  throw new Problem("operation-in-progress", detail, { members: { promotion_id: lane.active } });
}

/** A deployment that exists is updated; one that does not must be makeable from what the policy says. */
async function requireMakeable(ports: Promoting, version: ModelVersion, policy: PromotionPolicy, stage: PromotionStageName): Promise<void> {
  const head = await liveHead(ports.record, policy[stage].deployment_id);
  if (head) {
    const mismatch = notTheStages(head, version, stage);
    if (!mismatch) return;
    throw new Problem("invalid-input", `${stage}: ${mismatch}`, { errors: [{ path: "environment", message: mismatch, given: stage }] });
  }
  if (runtimeOf(version) === undefined && !(policy[stage].specification.predictor as { runtime?: unknown } | undefined)?.runtime) {
    const detail = `nothing says what serves version ${version.version}: register it with a runtime, or give ${stage}.specification.predictor.runtime in the model's promotion-policy`;
    throw new Problem("invalid-input", detail, { errors: [{ path: "runtime", message: "not known" }] });
  }
  try {
    parse(createBody, stageBody(version, policy, stage, ""), "body");
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const where = `There is no deployment ${policy[stage].deployment_id} yet, and the promotion-policy of ${version.group}/${version.name} does not say how to make it (${stage}.specification)`;
    throw new Problem("invalid-input", `${where}: ${error.message}`, { errors: error.errors });
  }
}

function notVerified({ group, name, version, failure }: ModelVersion): Problem {
  const why = failure
    ? `it failed in ${failure.environment} at ${failure.at}: ${failure.message} (promotion ${failure.promotion_id})`
    : "it has not passed its smoke tests in staging";
  const detail = `version ${version} of ${group}/${name} is not verified: ${why}. Promote it to staging first; an admin of the group ${group} may lift this with {"override": "reason"}, which is kept on record`;
  return new Problem("not-verified", detail, { members: { verified_in: [], ...(failure && { failure }) } });
}
