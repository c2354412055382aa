import { expect, test } from "vitest";
import { causes, isTold } from "./support/causes.ts";
import { type Expected, Film, flawOf, judge } from "./support/film.ts";
import { judgements } from "./support/judgements.ts";
import { knownDifferences } from "./support/known-differences.ts";
import { differences, readRecorded, recordedNames, writeFilm, writeRecorded } from "./support/recorded.ts";
import { tellStory } from "./support/story.ts";
import { api, cluster, isLocal, scene } from "./target.ts";

const isRecording = process.env.SLIPWAY_RECORD === "1";

/** A real kubelet that is busy writes two states of a pod as one: then it is asked once more. */
const retry = isLocal ? 0 : 2;

test.concurrent.each(causes)("$name", { retry }, async (cause) => {
  const here = await scene(cause.name);
  const begin = async () => {
    for (const [path, object] of cause.objects(here)) await api.make(path, object);
  };
  const film = new Film();
  const story = await tellStory(api, here, begin, (seen) => isTold(cause, seen), film.take);
  if (isRecording) {
    writeFilm(cause.name, cluster.kind, film.frames);
    if (!isLocal) writeRecorded(cause.name, { kubernetes: cluster.version, story });
    return;
  }
  const recorded = readRecorded(cause.name).story;
  const known = isLocal ? knownDifferences.flatMap(({ story }) => (story?.cause === cause.name ? [story.place] : [])) : [];
  const places = known.toSorted();
  const different = differences(recorded, story);
  // The whole of both, so that a failure shows what was seen.
  if (different.join() !== places.join()) expect(story).toEqual(recorded);
  expect(different).toEqual(places);
  expect(flawOf(judge(film.frames), judgements[cause.name] as Expected)).toBeUndefined();
});

test.skipIf(isRecording)("there is a record of each cause and of nothing else", () => {
  expect(recordedNames()).toEqual(causes.map(({ name }) => name).toSorted());
});
