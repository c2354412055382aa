import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The context of cdk.json: the CDK command passes it on, and everything else that starts the app reads it here. */
export function projectContext(): Record<string, unknown> {
  const file = join(import.meta.dirname, "..", "cdk.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { context: Record<string, unknown> }).context;
}
