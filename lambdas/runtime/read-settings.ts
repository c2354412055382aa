import { type FreshnessMode, freshnessModes } from "../../domain/freshness.ts";
import type { ReportSources } from "../../domain/report-sources.ts";
import { type EnvironmentSetting, type FunctionName, functionSettings, type SettingName, settingNames } from "./settings.ts";

/** What a setting is read as; text where nothing is said. */
interface Read {
  ENVIRONMENTS: Record<string, EnvironmentSetting>;
  REPORTS: ReportSources;
  FRESHNESS: FreshnessMode;
}

/** The settings of one function, by their own names. */
export type Settings<F extends FunctionName> = {
  [N in (typeof functionSettings)[F][number]]: N extends keyof Read ? Read[N] : string;
};

/**
 * Read once at cold start, so that a function with a missing setting fails its first invocation, whole and by name,
 * and not the one request in a hundred that needs it.
 */
export function readSettings<F extends FunctionName>(functionName: F, variables: NodeJS.ProcessEnv = process.env): Settings<F> {
  const names: readonly SettingName[] = functionSettings[functionName];
  const missing = names.filter((name) => !variables[name]);
  if (missing.length > 0) {
    const list = missing.map((name) => `${name} (${settingNames[name]})`).join(", ");
    throw new Error(`${functionName} lacks settings: ${list}. Each is an environment variable that lib/ binds to the function.`);
  }
  return Object.fromEntries(names.map((name) => [name, parse(name, variables[name] as string)])) as Settings<F>;
}

function parse(name: SettingName, value: string): unknown {
  if (name === "FRESHNESS" && !(freshnessModes as readonly string[]).includes(value)) {
    throw new Error(`setting FRESHNESS is one of ${freshnessModes.join(", ")}. Given: ${value}`);
  }
  if (name !== "ENVIRONMENTS" && name !== "REPORTS") return value;
  try {
    return JSON.parse(value);
  } catch (error) {
    throw new Error(`setting ${name} is not JSON: ${(error as Error).message}. Given: ${value.slice(0, 200)}`);
  }
}
