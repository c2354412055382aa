import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ClusterInfo } from "./cluster-info.ts";
import type { Frame } from "./film.ts";
import type { Sequence } from "./sequence.ts";
import type { Story } from "./story.ts";

const folder = join(import.meta.dirname, "..", "recorded");

export interface Recorded {
  kubernetes: string;
  story: Story;
}

export function recordedNames(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length))
    .toSorted();
}

export function readRecorded(name: string): Recorded {
  const file = join(folder, `${name}.json`);
  if (!existsSync(file)) throw new Error(`nothing is recorded for ${name}: SLIPWAY_KUBECONFIG=… npm run test:cluster -- --record`);
  return JSON.parse(readFileSync(file, "utf8"));
}

export function writeRecorded(name: string, recorded: Recorded): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(sorted(recorded), null, 2)}\n`);
}

const films = join(folder, "objects");

/** What a cluster of that kind held, as it changed. */
export function readFilm(name: string, kind: ClusterInfo["kind"]): Frame[] {
  return JSON.parse(readFileSync(join(films, `${name}.${kind}.json`), "utf8"));
}

/** A line for each frame. */
export function writeFilm(name: string, kind: ClusterInfo["kind"], frames: Frame[]): void {
  mkdirSync(films, { recursive: true });
  writeFileSync(join(films, `${name}.${kind}.json`), `[\n${frames.map((frame) => JSON.stringify(frame)).join(",\n")}\n]\n`);
}

const sequences = join(folder, "sequences");
const sequenceFile = (name: string): string => join(sequences, `${name.replaceAll(" ", "-")}.json`);

/** What the product has written of one start on a real cluster. */
export interface RecordedSequence extends Sequence {
  kubernetes: string;
}

export const readSequence = (name: string): RecordedSequence => JSON.parse(readFileSync(sequenceFile(name), "utf8"));

export function writeSequence(name: string, recorded: RecordedSequence): void {
  mkdirSync(sequences, { recursive: true });
  writeFileSync(sequenceFile(name), `${JSON.stringify(recorded, null, 2)}\n`);
}

/** Where two stories differ: `containers.server`, `messages.waiting ErrImagePull`. */
export function differences(recorded: Story, seen: Story): string[] {
  const flat = (story: Story) => ({ phases: story.phases, ...flatten(story) });
  const [a, b] = [flat(recorded), flat(seen)] as Record<string, unknown>[];
  const places = [...new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])];
  return places.filter((place) => JSON.stringify(a?.[place]) !== JSON.stringify(b?.[place])).toSorted();
}

function flatten({ phases: _, ...streams }: Story): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(streams).flatMap(([stream, parts]) => Object.entries(parts).map(([part, words]) => [`${stream}.${part}`, words])),
  );
}

/** Objects by key, so that a record changes only where the cluster did; lists are orders of events and stay. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, sorted(part)]));
}
