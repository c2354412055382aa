import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** What Vitest's JSON reporter writes, as far as it is read here. */
export interface FailedFile {
  name: string;
  message: string;
  assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
}

/** A request that was lost was lost, also when none is lost the next time. */
const onlyOnce = ["switch-load.test.ts", "switch.test.ts", "callers.test.ts"];

/**
 * The files of a run in which a test failed and which may be run once more, because one of them may have failed by chance: what a
 * busy machine does once it need not do again. None where one of them counts what happens once, where so many failed that it
 * cannot be chance, and where the suite did not come so far as to say which.
 */
export function chanceFailures(report: string, most = Number.POSITIVE_INFINITY): FailedFile[] {
  const failed = resultsIn(report).filter(({ status }) => status === "failed");
  return failed.length > most || failed.some(({ name }) => onlyOnce.includes(basename(name))) ? [] : failed;
}

function resultsIn(report: string): (FailedFile & { status: string })[] {
  try {
    return JSON.parse(readFileSync(report, "utf8")).testResults;
  } catch {
    return [];
  }
}
