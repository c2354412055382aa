import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Application, DeployedStack, Resource } from "./application.ts";
import { type StackTemplate, TemplateStack } from "./stack.ts";

interface Artifact {
  type: string;
  properties?: { templateFile?: string; file?: string; stackName?: string };
  displayName?: string;
}

export interface Origin {
  /** Stands in the template for this system's own address. */
  placeholder: string;
  /** `http://127.0.0.1:<port>` */
  url: string;
}

/**
 * Reads a cloud assembly (the folder that a synth writes).
 * Errors: a resource type that the local runtime neither carries out nor knows to be without effect, by name and path.
 */
export function readApplication(assembly: string, origin: Origin): Application {
  const artifacts = Object.entries(readJson<{ artifacts: Record<string, Artifact> }>(join(assembly, "manifest.json")).artifacts);
  const exported = new Map<string, unknown>();
  const stacks = artifacts
    .filter(([, artifact]) => artifact.type === "aws:cloudformation:stack")
    .map(([id, { properties }]) => {
      const text = readFileSync(join(assembly, properties?.templateFile ?? `${id}.template.json`), "utf8");
      const template = JSON.parse(text.replaceAll(origin.placeholder, origin.url)) as StackTemplate;
      return new TemplateStack(properties?.stackName ?? id, template, { origin: origin.url, exported });
    });
  for (const stack of stacks) stack.refuseUnknownTypes();
  const outputs: Record<string, unknown> = {};
  const deployed: DeployedStack[] = [];
  // Stacks are listed in the order of their dependencies, so that exports are there before they are imported.
  const resources: Resource[] = stacks.flatMap((stack) => {
    const own = stack.outputs();
    deployed.push({ name: stack.name, template: stack.template, outputs: own });
    Object.assign(outputs, own);
    return stack.resources();
  });
  return {
    ...{ stacks: deployed, resources, outputs },
    ofType: (type) => resources.filter((resource) => resource.type === type),
    asset: assets(assembly, artifacts),
  };
}

interface AssetManifest {
  files?: Record<string, { source: { path?: string }; destinations: Record<string, { objectKey: string }> }>;
}

function assets(assembly: string, artifacts: [string, Artifact][]): Application["asset"] {
  const pathByKey = new Map<string, string>();
  for (const [, { type, properties }] of artifacts) {
    if (type !== "cdk:asset-manifest" || properties?.file === undefined) continue;
    for (const { source, destinations } of Object.values(readJson<AssetManifest>(join(assembly, properties.file)).files ?? {})) {
      if (source.path === undefined) continue;
      for (const { objectKey } of Object.values(destinations)) pathByKey.set(objectKey, join(assembly, source.path));
    }
  }
  return (objectKey) => {
    const path = pathByKey.get(objectKey);
    if (path === undefined) throw new Error(`The cloud assembly ${assembly} has no asset ${objectKey}`);
    return path;
  };
}

const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, "utf8")) as T;
