import { describe, expect, test } from "vitest";
import { flawOf, flawOfCourse, type Shown } from "./support/sequence.ts";

const shown = (words: string): Shown => {
  const [status = "", condition = "", is = "", reason = "", health = ""] = words.split(" ");
  return { status, condition, is, reason, health };
};
const sequence = (...words: string[]) => ({ states: words.slice(0, -1).map(shown), end: shown(words.at(-1) ?? "") });

describe("a start beside the recorded one", () => {
  const starting = "STARTING STARTED Unknown Starting starting";
  const crashed = "STARTING STARTED False Error failed";
  const loops = "STARTING STARTED False CrashLoopBackOff failed";
  const recorded = sequence(starting, crashed, "FAILED STARTED False Error failed");

  test.each([
    ["the same", sequence(starting, crashed, "FAILED STARTED False Error failed"), undefined],
    ["a stage that passed too quickly", sequence(crashed, "FAILED STARTED False Error failed"), undefined],
    ["a crash loop that is told of sooner", sequence(crashed, loops, "FAILED STARTED False CrashLoopBackOff failed"), undefined],
    ["another cause", sequence("STARTING STARTED False OOMKilled failed", "FAILED STARTED False Error failed"), /was not recorded/],
    ["another end", sequence(crashed, "FAILED READY False DeadlineExceeded failed"), /it ended with/],
    [
      "a way back",
      sequence("STARTING READY Unknown ContainersNotReady starting", starting, "FAILED STARTED False Error failed"),
      /went back/,
    ],
    ["no cause at all", sequence(starting, "FAILED STARTED False Error failed"), /nothing was written/],
  ])("%s", (_, seen, flaw) => {
    if (flaw) expect(flawOf(seen, recorded)).toMatch(flaw);
    else expect(flawOf(seen, recorded)).toBeUndefined();
  });
});

describe("what befalls a deployment beside what was recorded", () => {
  const well = "RUNNING READY True Ready healthy";
  const crashed = "RUNNING STARTED False Error failed";
  const recorded = sequence(crashed, "RUNNING READY Unknown ContainersNotReady failed", well, well);

  test.each([
    ["the same", sequence(crashed, well, well), undefined],
    ["what endpoints are late to take up", sequence(crashed, "RUNNING READY False NoEndpoints failed", well, well), undefined],
    ["another trouble", sequence(crashed, "RUNNING READY False RouteMissing failed", well, well), /is not as recorded/],
    ["another status", sequence(crashed, "FAILED READY Unknown ContainersNotReady failed", well, well), /status that was not recorded/],
    ["another end", sequence(crashed, "RUNNING READY True Degraded degraded"), /it ended with/],
  ])("%s", (_, seen, flaw) => {
    if (flaw) expect(flawOfCourse(seen, recorded)).toMatch(flaw);
    else expect(flawOfCourse(seen, recorded)).toBeUndefined();
  });
});
