import type { Head } from "../../domain/deployment.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { labels, workloadName } from "../../domain/names.ts";
import { isKept } from "../../domain/traffic.ts";
import { components, slotNames } from "../../domain/words.ts";

/** A revision brought up by one operation: what every object's labels and name say it belongs to. */
export interface Attempt {
  revision: number;
  epoch: number;
}
export type Slots = Head["slots"];

export function attemptOf({ metadata }: KubernetesObject): Attempt {
  return { revision: Number(metadata.labels?.[labels.revision]), epoch: Number(metadata.labels?.[labels.epoch]) };
}

export const isAmong = (attempts: Attempt[], { revision, epoch }: Attempt): boolean =>
  attempts.some((attempt) => attempt.revision === revision && attempt.epoch === epoch);

/**
 * Attempts behind these Service names (a route names one component of an attempt), and those that the record gives
 * traffic or keeps warm. `now` in milliseconds.
 */
export function attemptsUsed(head: Head, serviceNames: string[], slots: Slots, now: number): Attempt[] {
  const byRecord = slotNames.flatMap((slot) => (slots[slot] && isKept(slots[slot], now) ? [slots[slot]] : []));
  const byRoute = serviceNames.flatMap((name) => attemptNamed(head, name) ?? []);
  return [...byRecord, ...byRoute].map(({ revision, epoch }) => ({ revision, epoch }));
}

/** A workload's name ends in its component's letter, its revision and its epoch. */
function attemptNamed(head: Head, name: string): Attempt | undefined {
  const [, revision, epoch] = /-[pt](\d+)-(\d+)$/.exec(name) ?? [];
  if (revision === undefined || epoch === undefined) return undefined;
  const attempt = { revision: Number(revision), epoch: Number(epoch) };
  return components.some((component) => workloadName(head, component, attempt.revision, attempt.epoch) === name) ? attempt : undefined;
}
