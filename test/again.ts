import { spawnSync } from "node:child_process";
import { relative } from "node:path";
import { chanceFailures, type FailedFile } from "./chance.ts";

/**
 * `again.ts REPORT COMMAND…`: runs with COMMAND once more, alone, the few files in which the run of REPORT has failed. What fails
 * again fails. What passes alone depends on time or order: the last lines name it as unsteady, and it is to be mended.
 */
const most = 2;
const [report = "", command = "", ...given] = process.argv.slice(2);
const failed = chanceFailures(report, most);
if (failed.length === 0) process.exit(1);
const files = failed.map(({ name }) => relative(process.cwd(), name));
console.error(`\nOnce more, alone: ${files.join(", ")}`);
const { status } = spawnSync(command, [...given, "--", ...files], { stdio: "inherit" });
if (status === 0) for (const file of failed) console.error(unsteady(file));
process.exit(status ?? 1);

function unsteady({ name, message, assertionResults }: FailedFile): string {
  const tests = assertionResults.filter(({ status }) => status === "failed");
  const said = tests.map(({ fullName, failureMessages }) => `  ${fullName}\n${failureMessages.join("\n")}`);
  return [`UNSTEADY: ${relative(process.cwd(), name)} failed beside the others and passes alone. ${message}`, ...said].join("\n");
}
