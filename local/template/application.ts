import type { Properties } from "./resource-types.ts";

/** One resource of a synthesized stack, with every expression in its properties resolved. */
export interface Resource {
  stack: string;
  logicalId: string;
  type: string;
  /** Construct path, for messages: `Slipway/ReadRecord/Resource`. */
  path: string;
  ref: string;
  attributes: Record<string, string>;
  properties: Properties;
}

/** A stack as it was deployed. */
export interface DeployedStack {
  name: string;
  /** As it was synthesized, with its expressions. */
  template: object;
  outputs: Record<string, unknown>;
}

/** What the cloud assembly says is deployed. */
export interface Application {
  stacks: DeployedStack[];
  resources: Resource[];
  ofType(type: string): Resource[];
  /** Folder or file of the asset that the deployed template would find under this key of the bootstrap bucket. */
  asset(objectKey: string): string;
  /** Outputs of all stacks by name. */
  outputs: Record<string, unknown>;
}

/** The last word of a construct's path that a person would use: `Slipway/Functions/ReadRecord/Resource` is `ReadRecord`. */
export function constructName(resource: Resource): string {
  const words = resource.path.split("/").filter((word) => word !== "Resource" && word !== "Default");
  return words.at(-1) ?? resource.logicalId;
}
