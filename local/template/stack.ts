import { createHash } from "node:crypto";
import type { Resource } from "./application.ts";
import { holds, noValue, resolve, type Scope } from "./intrinsics.ts";
import { account, region } from "./place.ts";
import { carriedOut, type Identity, type Naming, type Properties } from "./resource-types.ts";
import { withoutLocalEffect } from "./without-local-effect.ts";

export interface StackTemplate {
  Parameters?: Record<string, { Default?: unknown }>;
  Conditions?: Record<string, unknown>;
  Mappings?: Record<string, Record<string, Record<string, unknown>>>;
  Resources?: Record<string, TemplateResource>;
  Outputs?: Record<string, { Value: unknown; Export?: { Name: unknown }; Condition?: string }>;
}
interface TemplateResource {
  Type: string;
  Properties?: Properties;
  Condition?: string;
  Metadata?: { "aws:cdk:path"?: string };
}

/** One template; names and expressions are worked out when asked for, so that their order does not matter. */
export class TemplateStack implements Scope {
  readonly name: string;
  readonly template: StackTemplate;
  private readonly surroundings: { origin: string; exported: Map<string, unknown> };
  private readonly identities = new Map<string, Identity>();

  constructor(name: string, template: StackTemplate, surroundings: { origin: string; exported: Map<string, unknown> }) {
    this.name = name;
    this.template = template;
    this.surroundings = surroundings;
  }

  refuseUnknownTypes(): void {
    const unknown = this.present().filter(([, { Type }]) => !Object.hasOwn(carriedOut, Type) && !Object.hasOwn(withoutLocalEffect, Type));
    if (unknown.length === 0) return;
    const names = unknown.map(([id, resource]) => `  ${resource.Type} (${resource.Metadata?.["aws:cdk:path"] ?? id})`).join("\n");
    throw new Error(
      `The stack ${this.name} has resources that the local runtime cannot stand in for:\n${names}\n` +
        "Carry them out in local/template/resource-types.ts, or say in local/template/without-local-effect.ts why they need nothing here.",
    );
  }

  resources(): Resource[] {
    return this.present().map(([logicalId, resource]) => ({
      stack: this.name,
      logicalId,
      type: resource.Type,
      path: resource.Metadata?.["aws:cdk:path"] ?? `${this.name}/${logicalId}`,
      ...this.identity(logicalId),
      properties: resolve(resource.Properties ?? {}, this) as Properties,
    }));
  }

  outputs(): Record<string, unknown> {
    const present = Object.entries(this.template.Outputs ?? {}).filter(
      ([, output]) => !output.Condition || this.condition(output.Condition),
    );
    return Object.fromEntries(
      present.map(([name, output]) => {
        const value = resolve(output.Value, this);
        if (output.Export) this.surroundings.exported.set(String(resolve(output.Export.Name, this)), value);
        return [name, value];
      }),
    );
  }

  ref(logicalId: string): unknown {
    if (Object.hasOwn(pseudoParameters, logicalId)) return pseudoParameters[logicalId];
    if (logicalId === "AWS::StackName") return this.name;
    if (logicalId === "AWS::StackId") return `arn:aws:cloudformation:${region}:${account}:stack/${this.name}/local`;
    const parameter = this.template.Parameters?.[logicalId];
    if (parameter === undefined) return this.identity(logicalId).ref;
    if (parameter.Default === undefined) throw new Error(`The parameter ${logicalId} of the stack ${this.name} has no default value`);
    return parameter.Default;
  }

  attribute(logicalId: string, attribute: string): unknown {
    const identity = this.identity(logicalId);
    const value = identity.attributes[attribute];
    if (value !== undefined) return value;
    const type = this.template.Resources?.[logicalId]?.Type ?? "";
    // Nothing acts on such a resource, so any stable word will do for what others mention of it.
    if (Object.hasOwn(withoutLocalEffect, type))
      return attribute.endsWith("Arn") ? `arn:aws:local:::${logicalId}` : `${logicalId}.${attribute}`;
    throw new Error(
      `${type} (${logicalId}) has no attribute ${attribute} in the local runtime; it has ${Object.keys(identity.attributes).join(", ")}`,
    );
  }

  condition(name: string): boolean {
    const expression = this.template.Conditions?.[name];
    if (expression === undefined) throw new Error(`The stack ${this.name} has no condition ${name}`);
    return holds(expression, this);
  }

  imported(exportName: string): unknown {
    if (!this.surroundings.exported.has(exportName)) throw new Error(`No stack exports ${exportName}, which ${this.name} imports`);
    return this.surroundings.exported.get(exportName);
  }

  mapped(mapping: string, top: string, second: string): unknown {
    const value = this.template.Mappings?.[mapping]?.[top]?.[second];
    if (value === undefined) throw new Error(`The stack ${this.name} has no mapping ${mapping}.${top}.${second}`);
    return value;
  }

  private present(): [string, TemplateResource][] {
    return Object.entries(this.template.Resources ?? {}).filter(
      ([, { Condition }]) => Condition === undefined || this.condition(Condition),
    );
  }

  private identity(logicalId: string): Identity {
    const known = this.identities.get(logicalId);
    if (known !== undefined) return known;
    const resource = this.template.Resources?.[logicalId];
    if (resource === undefined) throw new Error(`The stack ${this.name} has no resource or parameter ${logicalId}`);
    const identify = carriedOut[resource.Type] ?? ((naming: Naming) => ({ ref: naming.generated(), attributes: {} }));
    const identity = identify(this.naming(logicalId, resource));
    this.identities.set(logicalId, identity);
    return identity;
  }

  private naming(logicalId: string, resource: TemplateResource): Naming {
    return {
      logicalId,
      origin: this.surroundings.origin,
      generated: (longest = 255) => shortened(`${this.name}-${logicalId}`, longest),
      property: (name) => {
        const value = resolve(resource.Properties?.[name], this);
        return value === noValue ? undefined : value;
      },
    };
  }
}

const pseudoParameters: Record<string, unknown> = {
  "AWS::AccountId": account,
  "AWS::NoValue": noValue,
  "AWS::NotificationARNs": [],
  "AWS::Partition": "aws",
  "AWS::Region": region,
  "AWS::URLSuffix": "amazonaws.com",
};

function shortened(name: string, longest: number): string {
  if (name.length <= longest) return name;
  const mark = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, longest - 9)}-${mark}`;
}
