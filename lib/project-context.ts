import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What the CDK command adds to an app's context, and cdk.json may not hold: resources tell their construct and asset. */
const asFromTheCommand = { "aws:cdk:enable-path-metadata": true, "aws:cdk:enable-asset-metadata": true };

/** The context of an app that is started without the CDK command: with cdk.json's, everything is the same. */
export function projectContext(): Record<string, unknown> {
  const file = join(import.meta.dirname, "..", "cdk.json");
  const { context } = JSON.parse(readFileSync(file, "utf8")) as { context: Record<string, unknown> };
  return { ...asFromTheCommand, ...context };
}
