import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks, ServerlessChecks } from "cdk-nag";
import { afterAll } from "vitest";
import type { FunctionName } from "../../lambdas/runtime/settings.ts";
import { type Configuration, readConfiguration } from "../../lib/configuration.ts";
import { ControlPlaneStack } from "../../lib/control-plane-stack.ts";
import type { ApiRoute } from "../../lib/http-api.ts";
import { projectContext } from "../../lib/project-context.ts";

export interface TemplateResource {
  Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is whatever CloudFormation allows
  Properties: any;
  DeletionPolicy?: string;
  Metadata?: Record<string, string>;
}
export interface Synthesized {
  assembly: string;
  resources: Record<string, TemplateResource>;
  /** Logical id and resource of every resource of a type. */
  ofType(type: string): [string, TemplateResource][];
}

/** The configuration of cdk.json, changed. */
export const configured = (change: (configuration: Configuration) => void = () => {}): Configuration => {
  const configuration = structuredClone(readConfiguration(projectContext().slipway, {}));
  change(configuration);
  return configuration;
};

const folders: string[] = [];
// For the file that imports this: it synthesizes within a test, too, where nothing can be left for afterwards.
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Synthesizes the stack with functions that do nothing: what they hold is no matter of the template. */
export function synthesize({
  configuration = configured(),
  apiRoutes,
}: {
  configuration?: Configuration;
  apiRoutes?: readonly ApiRoute[];
} = {}): Synthesized {
  const folder = mkdtempSync(join(tmpdir(), "slipway-synth-"));
  folders.push(folder);
  const assembly = join(folder, "cdk.out");
  const app = new App({ context: projectContext(), outdir: assembly });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  new ControlPlaneStack(app, "Slipway", { configuration, routes: apiRoutes, bundles: emptyBundle(folder) });
  app.synth();
  const template = JSON.parse(readFileSync(join(assembly, "Slipway.template.json"), "utf8")) as { Resources: Synthesized["resources"] };
  const resources = template.Resources;
  return { assembly, resources, ofType: (type) => Object.entries(resources).filter(([, { Type }]) => Type === type) };
}

function emptyBundle(folder: string): (name: FunctionName) => string {
  return (name) => {
    const bundle = join(folder, name);
    mkdirSync(bundle, { recursive: true });
    writeFileSync(join(bundle, "index.mjs"), `export const handler = async () => "${name}";\n`);
    return bundle;
  };
}

/** The construct path without what the CDK adds: `Slipway/ReadRecord/Resource` is `ReadRecord`. */
export const constructOf = ({ Metadata }: TemplateResource): string =>
  (Metadata?.["aws:cdk:path"] ?? "").replace(/^Slipway\//, "").replace(/\/Resource$/, "");

export interface Statement {
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}

/** Every statement that a role has, by the role's construct. */
export function statementsByRole({ resources, ofType }: Synthesized): Record<string, Statement[]> {
  const found: Record<string, Statement[]> = {};
  for (const [, { Properties }] of ofType("AWS::IAM::Policy")) {
    for (const { Ref } of Properties.Roles as { Ref: string }[]) {
      const role = constructOf(resources[Ref] as TemplateResource);
      found[role] = [...(found[role] ?? []), ...Properties.PolicyDocument.Statement];
    }
  }
  return found;
}

export const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);
