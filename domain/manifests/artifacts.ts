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
  const { script_uri, runtime } = specification;
  const { artifact_uri } = resolved;
  return [
    ...(artifact_uri ? [{ source: asFolder(artifact_uri, runtime), directory: modelDirectory, volume: "model" }] : []),
    ...(script_uri ? [{ source: asFolder(script_uri, runtime), directory: scriptDirectory, volume: "script" }] : []),
  ];
}

/**
 * From S3 the storage-initializer brings whatever begins alike, and with `flowers/1` also `flowers/10/…`: a folder has to end with a
 * slash. What has no dot in its last part is one, for any runtime finds a lone file by its extension.
 */
function asFolder(uri: string, runtime: string | null): string {
  const isFolder = runtime !== null && /^s3:\/\/.*\/[^./]+$/.test(uri);
  return isFolder ? `${uri}/` : uri;
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
