import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { Context } from "./protocol.ts";

export type Role = "predictor" | "transformer";

type Step = (values: unknown[], request: Context) => unknown;
/** The functions that a script exports; a predictor's has `predict`, a transformer's one of the others or both. */
export interface Script {
  predict?: Step;
  preprocess?: Step;
  postprocess?: Step;
}
export interface Model {
  modelName: string;
  /** The folder with the model's files. */
  modelFiles: string;
}

const wanted: Record<Role, readonly (keyof Script)[]> = { predictor: ["predict"], transformer: ["preprocess", "postprocess"] };

/** Loads the script and lets it prepare itself (`load`). Throws what it throws, told with its place in the file. */
export async function loadScript(file: string, role: Role, model: Model): Promise<Script> {
  if (!existsSync(file)) throw new Error(await missing(file));
  try {
    const exported: Record<string, unknown> = await import(pathToFileURL(file).href);
    const script: Script = Object.fromEntries(wanted[role].flatMap((name) => functionOf(exported, name)));
    if (Object.keys(script).length === 0)
      throw new Error(`it exports no function ${wanted[role].join(" or ")} (as a ${role}'s script does)`);
    for (const [, load] of functionOf(exported, "load")) await load(model);
    return script;
  } catch (error) {
    throw told(file, error instanceof SyntaxError ? await withPlace(file, error) : error);
  }
}

// biome-ignore lint/complexity/noBannedTypes: what a script exports is any function at all
function functionOf(exported: Record<string, unknown>, name: string): [string, Function][] {
  const found = exported[name];
  if (found !== undefined && typeof found !== "function") throw new Error(`${name} is no function`);
  return found === undefined ? [] : [[name, found]];
}

async function missing(file: string): Promise<string> {
  const there = await readdir(dirname(file)).catch(() => []);
  const has = there.length > 0 ? `beside it there is ${there.sort().slice(0, 10).join(", ")}` : "its folder is empty";
  return `script ${basename(file)} is not there: ${has}`;
}

/** Node tells where a file cannot be parsed only to whom it ends for it. */
async function withPlace(file: string, error: SyntaxError): Promise<SyntaxError> {
  const { stderr = "" } = await promisify(execFile)(process.execPath, ["--check", file]).catch((refused: { stderr?: string }) => refused);
  if (stderr !== "") error.stack = stderr;
  return error;
}

/** The error that the script threw, with its own stack. */
function told(file: string, error: unknown): Error {
  const { name, message, stack } = error instanceof Error ? error : { name: "thrown", message: String(error), stack: undefined };
  const place = stack?.match(/[^/\s(]+:\d+(?::\d+)?(?=\)|\s|$)/g)?.find((each) => each.startsWith(`${basename(file)}:`));
  const kind = name === "Error" ? "" : `${name}: `;
  const result = new Error(`script ${basename(file)} cannot be loaded: ${kind}${message}${place ? ` (${place})` : ""}`);
  result.stack = stack ?? "";
  return result;
}
