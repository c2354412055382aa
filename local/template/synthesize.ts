import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Everything that the template and the bundles are made from. */
const inputs = ["bin/slipway.ts", "lib", "lambdas", "domain", "contract", "statemachines", "cdk.json", "package-lock.json"];

export interface Synthesized {
  /** Folder of the cloud assembly. */
  assembly: string;
  /** False when nothing had changed since the assembly was made. */
  fresh: boolean;
}

/**
 * Synthesizes the CDK app for this machine, unless the assembly in the data folder was made from the same inputs.
 * Errors: what the synth said, whole.
 */
export async function synthesize(root: string, folder: string, configuration: object): Promise<Synthesized> {
  const assembly = join(folder, "cdk.out");
  const mark = join(folder, "cdk.out.inputs");
  const wanted = fingerprint(root, configuration);
  if (existsSync(join(assembly, "manifest.json")) && existsSync(mark) && readFileSync(mark, "utf8") === wanted)
    return { assembly, fresh: false };
  rmSync(mark, { force: true });
  rmSync(assembly, { recursive: true, force: true });
  await run(root, ["bin/slipway.ts"], { CDK_OUTDIR: assembly, SLIPWAY_CONFIGURATION: JSON.stringify(configuration) });
  writeFileSync(mark, wanted);
  return { assembly, fresh: true };
}

function fingerprint(root: string, configuration: object): string {
  const hash = createHash("sha256").update(JSON.stringify(configuration)).update(process.version);
  for (const file of inputs.flatMap((input) => filesUnder(join(root, input)))) hash.update(file).update(readFileSync(file));
  return hash.digest("hex");
}

function filesUnder(path: string): string[] {
  if (!existsSync(path)) return [];
  try {
    const entries = readdirSync(path, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return [path];
    throw error;
  }
}

/** Gives what the script printed. */
export async function run(root: string, script: string[], variables: Record<string, string>): Promise<string> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...script], {
    cwd: root,
    env: { ...process.env, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  let complained = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complained += text;
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code === 0) return printed;
  throw new Error(`${script.join(" ")} failed:\n${[printed, complained].map((text) => text.trim()).join("\n")}`);
}
