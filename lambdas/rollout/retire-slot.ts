import type { Head } from "../../domain/deployment.ts";
import type { Kind, KubernetesObject } from "../../domain/kubernetes.ts";
import { deploymentSelector, saysAsRecorded } from "../../domain/manifests/route.ts";
import { routeName } from "../../domain/names.ts";
import { shutsDown } from "../../domain/operation-kinds.ts";
import { isKept, otherSlot, type SlotChange, servingSlot } from "../../domain/traffic.ts";
import { slotNames } from "../../domain/words.ts";
import type { WorkflowInput } from "../ports/workflows.ts";
import { type Attempt, attemptOf, attemptsUsed, isAmong, type Slots } from "./attempts.ts";
import { beginCleaningStep, type CleaningStep } from "./clean-up-step.ts";
import { claim, isOfSuccess, readRoute, removeRoute, requireUnclaimed, usedBy } from "./route.ts";
import { isNeverHeld, relaxScale } from "./scaling.ts";
import { removeSecrets } from "./secret-removal.ts";
import { watchSlots } from "./slot-watch.ts";
import { dismiss } from "./standby.ts";
import { fenceOf, requireTime, type StepPorts } from "./step.ts";

export interface RetireSlotInput extends WorkflowInput {
  /** How long to wait for instances to leave before the state machine is asked to come again. */
  patience_seconds?: number;
}

export interface Retired {
  /** Nothing is left of what was to be removed, instances included. Amid an operation that has no patience nobody looks again. */
  gone: boolean;
}

/**
 * What has served is whole: its Deployments tell what there is, their Services have their names, and Kubernetes removes with
 * them what they own. Elsewhere nothing is taken for granted.
 */
const foundOfWhole = ["Deployment"] as const satisfies Kind[];
/** In this order: what would make instances anew goes before them, and the Service, which names an attempt to us, last. */
const foundOfAny = ["HorizontalPodAutoscaler", "PodDisruptionBudget", "Deployment", "Service"] as const satisfies Kind[];
/** Deadlines pass without a change in the cluster. */
const longestWaitMilliseconds = 5_000;

/**
 * Removes what the deployment's route does not use and the record does not name as serving, whatever attempt made it.
 * The route is read in this very step, and every object is removed by its uid: what a newer operation makes meanwhile
 * has other names. On DELETE the route goes too, at the end.
 */
export async function retireSlot(input: RetireSlotInput, ports: StepPorts): Promise<Retired> {
  const step = await beginCleaningStep(input, "RetireSlot", ports);
  // Before what is in use is read: no move that has failed, and may still be on its way, comes after that.
  const route = await (mayStillMove(step) ? claim : readRoute)(step.cluster, step.head);
  const kept = attemptsKept(step, route, ports);
  // Before anything is removed: whoever ends this operation from now on does not give the traffic back to what is going.
  if (step.operation && !isShutdown(step)) await emptySlots(input, step.head, kept, ports);
  const removed = await removeObjects(step, kept, ports, hasMoved(step) || wasKeptWarm(step, route));
  const gone = isThorough(step) || input.patience_seconds ? await waitUntilGone(input, step, kept, ports) : removed === 0;
  await relaxServing(step, route, ports);
  if (gone && isForgotten(step)) await removeRoute(step.cluster, step.head);
  if (step.operation && isShutdown(step)) await emptySlots(input, step.head, kept, ports);
  return { gone };
}

/** A move was begun, and the record does not say that it succeeded. One that did writes nothing else than it has written. */
function mayStillMove({ head, operation }: CleaningStep): boolean {
  return (operation?.steps.some(({ name }) => name === "ShiftTraffic") ?? false) && !hasMoved({ head, operation });
}

/** What is to go has served, and serves no more. */
const hasMoved = ({ head, operation }: Pick<CleaningStep, "head" | "operation">): boolean =>
  !!operation?.slot && head.slots[operation.slot]?.weight === 100;

/** By an operation that succeeded: should anything else be left, the next clean-up finds it. */
const wasKeptWarm = ({ head, operation }: CleaningStep, route: KubernetesObject | undefined): boolean =>
  !operation && !!route && isOfSuccess(route, head) && slotNames.some((slot) => head.slots[slot]?.warm_until);

/** More than this a step that makes room cannot wait for: what is in the way stays until the traffic has moved. */
const longestSettleSeconds = 30;

/**
 * The same without waiting: what was kept warm makes room for what is to come in its place. An executor that comes to it
 * too late finds what has come, which is not in its way.
 */
export async function removeUnused(step: CleaningStep, route: KubernetesObject, ports: StepPorts): Promise<void> {
  // An operation that was aborted may have moved the traffic a moment ago, and nobody has waited for the gateway.
  const { settle_seconds } = step.head.place.gateway;
  if (settle_seconds > longestSettleSeconds) return;
  await ports.clock.sleep(settle_seconds * 1000);
  const { head, operation } = step;
  const coming = operation ? [{ revision: operation.revision, epoch: head.epoch }] : [];
  await removeObjects(step, [...attemptsKept(step, route, ports), ...coming], ports, true);
}

/** What is in use by the route, and what the record says serves: should they differ, neither is touched. Whoever has claimed the route since may be moving it. */
function attemptsKept({ head, operation }: CleaningStep, route: KubernetesObject | undefined, { clock }: StepPorts): Attempt[] {
  if (route) requireUnclaimed(route, head);
  const slots: Slots = isShutdown({ operation }) ? { blue: null, green: null } : head.slots;
  return attemptsUsed(head, usedBy(route), slots, clock.now());
}

/**
 * What serves was held at its size while another slot was beside it; a slot that is still there, or a route that says
 * something else than the record, keeps it so.
 */
async function relaxServing(
  { cluster, head, operation }: CleaningStep,
  route: KubernetesObject | undefined,
  { record, clock }: StepPorts,
): Promise<void> {
  const serving = servingSlot(head.slots);
  const slot = serving && head.slots[serving];
  if (isShutdown({ operation }) || !serving || !slot) return;
  const beside = head.slots[otherSlot(serving)];
  if (beside && (operation ? beside.weight > 0 : isKept(beside, clock.now()))) return;
  if (!saysAsRecorded(route, head)) return;
  const revision = await record.revision(head.uid, slot.revision);
  const isFree = revision && operation && isNeverHeld(head, slot, revision);
  if (revision && !isFree) await relaxScale(cluster, head, slot, revision);
}

const isShutdown = ({ operation }: Pick<CleaningStep, "operation">): boolean => operation !== null && shutsDown(operation.kind);

/** Nothing but what serves is to be left. */
const isThorough = ({ operation }: CleaningStep): boolean => operation === null || isShutdown({ operation });

/** Gives how many there were. */
async function removeObjects(step: CleaningStep, kept: Attempt[], { record }: StepPorts, areWhole: boolean): Promise<number> {
  const { cluster, head } = step;
  await dismiss({ cluster, record }, head, kept);
  const kinds = areWhole ? foundOfWhole : foundOfAny;
  const scope = { namespace: head.place.namespace, labels: deploymentSelector(head) };
  const lists = await Promise.all(kinds.map((kind) => cluster.list(kind, scope)));
  const objects = lists.flatMap(({ items }) => items).filter((object) => isToGo(object, head, kept));
  await removeSecrets(cluster, head, objects, kept, record);
  for (const { kind, metadata } of objects) {
    if (metadata.deletionTimestamp) continue;
    // Its name carries revision and epoch, and is never used twice.
    if (areWhole) await cluster.remove("Service", head.place.namespace, metadata.name as string, null);
    await cluster.remove(kind as Kind, head.place.namespace, metadata.name as string, metadata.uid as string);
  }
  return objects.length;
}

/** What a newer epoch has made is its own to remove, whatever the route says of it. */
function isToGo(object: KubernetesObject, head: Head, kept: Attempt[]): boolean {
  const attempt = attemptOf(object);
  return !isAmong(kept, attempt) && !(attempt.epoch > head.epoch);
}

/** Deployments and pods are the last to go: what else was removed had no instances, or has gone before they could. */
async function waitUntilGone(input: RetireSlotInput, step: CleaningStep, kept: Attempt[], { clock }: StepPorts): Promise<boolean> {
  const until = clock.now() + (input.patience_seconds ?? 0) * 1000;
  const watch = await watchSlots({ cluster: step.cluster, clock }, step.head);
  try {
    for (;;) {
      const left = whatIsLeft(
        watch.running().filter((object) => isToGo(object, step.head, kept)),
        step,
        kept,
      );
      if (left === undefined) return true;
      if (step.operation) requireTime(step.operation, clock, left);
      if (clock.now() >= until) return false;
      await watch.changed(longestWaitMilliseconds);
    }
  } finally {
    watch.stop();
  }
}

/** On a shutdown nothing may be spared: its route was emptied before, and one that sends traffic again was changed by somebody else. */
function whatIsLeft([first, ...others]: KubernetesObject[], step: CleaningStep, kept: Attempt[]): string | undefined {
  const inUse = kept.map(({ revision }) => revision).join(", ");
  if (isShutdown(step) && kept.length > 0) return `route ${routeName(step.head)} sends traffic to revision ${inUse} again`;
  if (!first) return undefined;
  const more = others.length > 0 ? ` and ${others.length} more objects are` : " is";
  return `${first.kind} ${first.metadata.name}${more} still there`;
}

const isForgotten = ({ head, operation }: CleaningStep): boolean =>
  operation?.kind === "DELETE" || (operation === null && head.deleted_at !== null);

/** The record names no slot whose objects are going, or have gone. The operation's own slot is freed by the operation's end. */
async function emptySlots(input: WorkflowInput, head: Head, kept: Attempt[], { record }: StepPorts): Promise<void> {
  const { active_operation: operation } = head;
  const change: SlotChange = {};
  for (const slot of slotNames) {
    const held = head.slots[slot];
    if (held && slot !== operation?.slot && !isAmong(kept, held)) change[slot] = null;
  }
  if (operation && Object.keys(change).length > 0) await record.saveSlots(fenceOf(input, { operation }), change);
}
