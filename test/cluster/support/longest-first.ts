import { basename } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Those that wait longest for what a real cluster does in its own time: begun last, they would be what all others wait for. */
const longest = [
  "sequences",
  "first-light-failures",
  "causes",
  "misfortunes",
  "list",
  "scaling",
  "first-light-faults",
  "pod",
  "first-light",
].map((name) => `${name}.test.ts`);

/** Also on a machine that has run nothing yet, and does not know how long each file takes. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = longest.indexOf(basename(moduleId));
      return index < 0 ? longest.length : index;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
