import { findRuntime, isScriptFile, runsScripts } from "../catalogue/runtimes.ts";
import { modelDirectory, scriptDirectory } from "../catalogue/servers.ts";
import type { Component } from "../words.ts";
import type { ServedComponent } from "./server.ts";

/** What is copied into a volume of its own before a server starts. */
interface Copy {
  source: string;
  directory: string;
  volume: string;
}

export function copiesOf({ resolved, specification }: Pick<ServedComponent, "resolved" | "specification">): Copy[] {
  const { script_uri } = specification;
  return [
    ...(resolved.artifact_uri ? [{ source: resolved.artifact_uri, directory: modelDirectory, volume: "model" }] : []),
    ...(script_uri ? [{ source: script_uri, directory: scriptDirectory, volume: "script" }] : []),
  ];
}

/**
 * The script's file in the container; undefined when the component runs none. One that is not named is the artifact
 * itself, when that is a script, or else what the runtime's custom calls it.
 */
export function scriptFile(
  component: Component,
  { resolved, specification }: Pick<ServedComponent, "resolved" | "specification">,
): string | undefined {
  const { runtime, script, script_uri } = specification;
  if (!runsScripts(runtime)) return undefined;
  const source = script_uri ?? resolved.artifact_uri ?? "";
  const last = source.slice(source.lastIndexOf("/") + 1);
  const name = script ?? (isScriptFile(last) ? last : findRuntime(runtime ?? "")?.scripts?.[component]);
  return `${script_uri ? scriptDirectory : modelDirectory}/${name}`;
}
