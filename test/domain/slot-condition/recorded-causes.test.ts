import { describe, expect, it } from "vitest";
import { flawOf, judge } from "../../cluster/support/film.ts";
import { judgements } from "../../cluster/support/judgements.ts";
import { readFilm, recordedNames } from "../../cluster/support/recorded.ts";

/** Of what a real cluster and the local one held, object by object: `npm run test:cluster -- --record causes` on each. */
describe.each(["real", "local"] as const)("what the %s cluster showed of", (kind) => {
  it.each(Object.entries(judgements))("%s is judged by its cause", (name, expected) => {
    expect(flawOf(judge(readFilm(name, kind)), expected)).toBeUndefined();
  });
});

it("judges every recorded cause", () => {
  expect(Object.keys(judgements).toSorted()).toEqual(recordedNames());
});
