import { createBody } from "../../contract/create.ts";
import { parse } from "../../contract/parse.ts";
import type { Head } from "../../domain/deployment.ts";
import { Problem, WorkflowError } from "../../domain/errors.ts";
import type { ModelVersion } from "../../domain/model.ts";
import type { Operation } from "../../domain/operation.ts";
import { type Promotion, type PromotionChange, type PromotionStage, stageOf } from "../../domain/promotion.ts";
import type { PromotionStageName } from "../../domain/promotion-policy.ts";
import { notTheStages, stageBody, stagePatch } from "../../domain/promotion-target.ts";
import { enterStage } from "../../domain/promotion-transitions.ts";
import { sameJson } from "../../domain/same-json.ts";
import type { Caller } from "../operations/caller.ts";
import { createDeployment } from "../operations/create-deployment.ts";
import { liveStanding } from "../operations/find-deployment.ts";
import type { ForPromotion } from "../operations/idempotency.ts";
import type { Changing } from "../operations/installation.ts";
import { storedRevision } from "../operations/load-for-change.ts";
import { untilUndisturbed } from "../operations/promoting.ts";
import type { KnownOfRegistry } from "../operations/resolve-workload.ts";
import { restartDeployment } from "../operations/restart-deployment.ts";
import { stageOperation } from "../operations/stage-operation.ts";
import { startDeployment } from "../operations/start-deployment.ts";
import { updateDeployment } from "../operations/update-deployment.ts";
import type { Standing } from "../ports/record.ts";
import { instant } from "../rollout/step.ts";
import { changePromotion, type PromotionInput, type PromotionStepPorts, underWay, versionOf } from "./step.ts";

export interface DeployInput extends PromotionInput {
  stage: PromotionStageName;
}

/** `free` false: somebody else's operation has the deployment. `rollout` null: the version serves there already. */
export type Deployed = { free: false } | { free: true; rollout: { uid: string; operation_id: string; epoch: number } | null };

type Ports = PromotionStepPorts & Changing;

/**
 * Creates the stage's deployment with the version, or updates it to the version, and leaves the rollout to the nested
 * execution. Done twice it is done once: what begins is written to the promotion in the same transaction. Begun anew when
 * the promotion has moved meanwhile: it may have ended.
 */
export function deployVersion(input: DeployInput, ports: Ports): Promise<Deployed> {
  return untilUndisturbed(ports.clock, () => deploy(input, ports));
}

async function deploy({ stage: name, ...input }: DeployInput, ports: Ports): Promise<Deployed> {
  const { group } = input;
  const [promotion, locations] = await Promise.all([
    underWay(input, ports),
    group === undefined ? undefined : ports.record.modelLocations(group),
  ]);
  const begun = await begunBefore(promotion, name, ports);
  if (begun) return rolledOut(begun);
  try {
    const [version, standing] = await Promise.all([
      versionOf(promotion, ports.record),
      liveStanding(ports.record, promotion.policy[name].deployment_id, true),
    ]);
    const operation = await bring(promotion, name, { version, standing, ...(locations !== undefined && { locations }) }, ports);
    if (operation === null) await reach(promotion, name, ports, { outcome: "SUCCEEDED", ended_at: instant(ports.clock) });
    return rolledOut(operation);
  } catch (error) {
    if (error instanceof Problem || error instanceof WorkflowError) await enter(promotion, name, ports);
    if (error instanceof Problem && passing.includes(error.code)) return { free: false };
    throw error instanceof Problem ? refused(name, error) : error;
  }
}

const rolledOut = (operation: Operation | null): Deployed => ({
  free: true,
  rollout: operation && { uid: operation.uid, operation_id: operation.id, epoch: operation.epoch },
});

/** Of a moment: the deployment is busy, or somebody changed it while we did. */
const passing = ["operation-in-progress", "version-moved"];

const refused = (stage: PromotionStageName, { code, message }: Problem) => {
  const reason = code.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return new WorkflowError("PromotionFailed", reason, `${stage}: ${message}`);
};

/** Nothing can have been begun for a stage that is new. */
async function begunBefore(promotion: Promotion, name: PromotionStageName, ports: Ports): Promise<Operation | undefined> {
  const stage = stageOf(promotion, name);
  const operation = stage && (await stageOperation(ports.record, promotion, stage));
  if (operation && stage.operation_id !== operation.id) await reach(promotion, name, ports, begunBy(operation));
  return operation;
}

const begunBy = ({ uid, id, revision }: Operation) => ({ uid, operation_id: id, revision });

/** Who is refused, or has to wait, has come to the stage as well. */
const enter = (promotion: Promotion, name: PromotionStageName, ports: Ports): Promise<Promotion> =>
  change(promotion, ports, (now) => (stageOf(now, name) ? undefined : enterStage(now, name, instant(ports.clock))));

const reach = (promotion: Promotion, name: PromotionStageName, ports: Ports, done: Partial<PromotionStage>): Promise<Promotion> =>
  change(promotion, ports, (now) => enterStage(now, name, instant(ports.clock), done));

const change = (known: Promotion, ports: Ports, decide: (now: Promotion) => PromotionChange | undefined): Promise<Promotion> =>
  changePromotion({ promotion_id: known.id, group: known.model.group }, ports, decide, known);

interface Found extends KnownOfRegistry {
  version: ModelVersion;
  /** undefined where the stage has no deployment yet. */
  standing: Standing | undefined;
}

/** The operation that brings the version up; null when it serves there and is verified. */
async function bring(
  promotion: Promotion,
  name: PromotionStageName,
  { standing, ...registered }: Found,
  ports: Ports,
): Promise<Operation | null> {
  const { version } = registered;
  const caller: Caller = { actor: promotion.requested_by, roles: new Map([[version.group, "admin"]]), platformAdmin: false };
  const beginningOf = (own: Promotion): ForPromotion => ({
    promotion: (operation) => enterStage(own, name, instant(ports.clock), begunBy(operation)),
  });
  const nested: Ports = { ...ports, workflows: { ...ports.workflows, start: async () => {} } };
  const message = `version ${version.version} of ${version.name}, promotion ${promotion.id}`;
  if (!standing) {
    const request = parse(createBody, stageBody(version, promotion.policy, name, message), "body");
    return (await createDeployment(nested, caller, request, beginningOf(promotion), registered)).operation;
  }
  const { head } = standing;
  requireOwn(head, promotion, name);
  const supersede = await isOurs(head, promotion, ports);
  if (head.active_operation && !supersede) throw busy(head);
  const patch = { ...stagePatch(version, promotion.policy, name, message), ...(await withdrawal(head, promotion, ports)) };
  // By its uid, which is known by now: an id would be looked up again.
  const asked = { id: head.uid, version: undefined };
  // More than one thing is done: no newer version is to come to production between them.
  const own = supersede || head.revisions.running === null ? await enter(promotion, name, ports) : promotion;
  const known = { ...standing, ...registered };
  const updated = await updateDeployment(nested, caller, { ...asked, patch, supersede, known }, beginningOf(own));
  if (updated.operation) return updated.operation;
  if (updated.head.revisions.running === null) return (await startDeployment(nested, caller, asked, beginningOf(own))).operation;
  if (name === "production" || version.verified_in.includes("staging")) return null;
  return (await restartDeployment(nested, caller, asked, beginningOf(own))).operation;
}

/** Smoke tests that only an earlier policy wanted go; whoever has put others there keeps them. */
async function withdrawal(head: Head, { policy }: Promotion, ports: Ports): Promise<{ smoke_tests?: null }> {
  const { smoke_tests, withdrawn_smoke_tests } = policy;
  if (smoke_tests || !withdrawn_smoke_tests) return {};
  const { specification } = await storedRevision(ports, head, head.revisions.wanted);
  return sameJson(specification.smoke_tests, withdrawn_smoke_tests) ? { smoke_tests: null } : {};
}

function requireOwn(head: Head, { model, automatic, approval }: Promotion, name: PromotionStageName): void {
  const fail = (reason: string, message: string) => new WorkflowError("PromotionFailed", reason, `${name}: ${message}`);
  const mismatch = notTheStages(head, model, name);
  if (mismatch) throw fail("DeploymentMismatch", mismatch);
  if (!head.hold || !automatic || approval) return;
  throw fail(
    "Held",
    `nothing is promoted to ${head.id} by itself since ${head.hold.at} (${head.hold.reason}): lift the hold, or promote by hand`,
  );
}

/** The operation under way is one of a promotion that gave way to this one. */
async function isOurs(head: Head, promotion: Promotion, { promotions, record }: Ports): Promise<boolean> {
  const running = head.active_operation?.id;
  let earlier = promotion.supersedes;
  for (let step = 0; running !== undefined && earlier !== null && step < 20; step++) {
    const former: Promotion | undefined = await promotions.promotion(earlier, promotion.model.group);
    for (const stage of former?.stages ?? []) {
      if ((await stageOperation(record, { id: earlier }, stage))?.id === running) return true;
    }
    earlier = former?.supersedes ?? null;
  }
  return false;
}

const busy = ({ id }: Head) => new Problem("operation-in-progress", `the deployment ${id} is busy with an operation of somebody else's`);
