import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { stringify } from "yaml";
import type { BootstrapStep } from "./bootstrap.ts";

/** Shows what would be made and changed, whole in a file, and asks. Errors: nobody said yes. */
export async function askConsent(steps: BootstrapStep[], where: string, { file, yes }: { file: string; yes: boolean }): Promise<void> {
  const todo = steps.filter(({ what }) => what !== "keep");
  if (todo.length === 0) return;
  writeFileSync(file, todo.map(({ object }) => stringify(object, { aliasDuplicateObjects: false })).join("---\n"));
  const lines = todo.map(({ what, title }) => `  ${what.padEnd(7)} ${title}`);
  console.log(`\nSlipway needs this in ${where} (whole: ${file}):\n${lines.join("\n")}\n`);
  await agree("Apply it?", yes, "Nothing was changed. Read it, and start again with --yes");
}

/** Errors: no, or nobody there to ask. */
export async function agree(question: string, yes: boolean, otherwise: string): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) throw new Error(otherwise);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} [y/N] `).finally(() => terminal.close());
  if (!/^y(es)?$/i.test(answer.trim())) throw new Error(otherwise);
}
