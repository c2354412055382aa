import { type EnvironmentSetting, type FunctionName, functionSettings, type SettingName, settingNames } from "./settings.ts";

/** The settings of one function, by their own names; ENVIRONMENTS is parsed, everything else is text. */
export type Settings<F extends FunctionName> = {
  [N in (typeof functionSettings)[F][number]]: N extends "ENVIRONMENTS" ? Record<string, EnvironmentSetting> : string;
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
  if (name !== "ENVIRONMENTS") return value;
  try {
    return JSON.parse(value);
  } catch (error) {
    throw new Error(`setting ENVIRONMENTS is not JSON: ${(error as Error).message}. Given: ${value.slice(0, 200)}`);
  }
}
