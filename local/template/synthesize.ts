import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Everything that the template and the bundles are made from. */
const inputs = ["bin/slipway.ts", "lib", "lambdas", "domain", "contract", "statemachines", "cdk.json", "package-lock.json"];
const keptMilliseconds = 3 * 24 * 3600 * 1000;

export interface Synthesized {
  /** Folder of the cloud assembly. */
  assembly: string;
  /** What `npm run cluster:bootstrap` prints: objects that a cluster must hold, as YAML. */
  bootstrap: string;
  /** False when nothing had changed since the assembly was made. */
  fresh: boolean;
}

/**
 * Synthesizes the CDK app, unless an assembly from the same inputs is there already. It is the same for every port and
 * data folder: `configuration` holds placeholders for addresses. Errors: what the synth said, whole.
 */
export async function synthesize(root: string, configuration: object): Promise<Synthesized> {
  const cache = join(root, ".build", "local");
  const folder = join(cache, fingerprint(root, configuration));
  const fresh = !existsSync(folder);
  if (fresh) await make(root, folder, configuration);
  // The time of last use: others may still run from their folders, so that only those long unused are removed.
  utimesSync(folder, new Date(), new Date());
  removeUnused(cache);
  return { assembly: join(folder, "cdk.out"), bootstrap: readFileSync(join(folder, "bootstrap.yaml"), "utf8"), fresh };
}

/** Whole or not at all: the folder gets its name only when everything is in it. */
async function make(root: string, folder: string, configuration: object): Promise<void> {
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  const variables = { SLIPWAY_CONFIGURATION: JSON.stringify(configuration), CDK_OUTDIR: join(unfinished, "cdk.out") };
  try {
    const [, bootstrap] = await Promise.all([
      run(root, ["bin/slipway.ts"], variables),
      run(root, ["lib/cluster/print-bootstrap.ts"], variables),
    ]);
    writeFileSync(join(unfinished, "bootstrap.yaml"), bootstrap);
    if (!existsSync(folder)) renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function removeUnused(cache: string): void {
  for (const name of readdirSync(cache)) {
    const folder = join(cache, name);
    const usedAt = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - usedAt > keptMilliseconds) rmSync(folder, { recursive: true, force: true });
  }
}

function fingerprint(root: string, configuration: object): string {
  const hash = createHash("sha256").update(JSON.stringify(configuration)).update(process.version);
  for (const file of inputs.flatMap((input) => filesUnder(join(root, input)))) hash.update(file).update(readFileSync(file));
  return hash.digest("hex").slice(0, 24);
}

function filesUnder(path: string): string[] {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return [];
  if (status.isFile()) return [path];
  const entries = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => join(entry.parentPath, entry.name)).sort();
}

async function run(root: string, script: string[], variables: Record<string, string>): Promise<string> {
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
