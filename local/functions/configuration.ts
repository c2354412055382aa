import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Application, constructName, type Resource } from "../template/application.ts";

/** A function as the template describes it. */
export interface FunctionConfiguration {
  name: string;
  /** Construct name, for messages: `ReadRecord`. */
  title: string;
  arn: string;
  role_arn: string;
  runtime: string;
  file: string;
  handler: string;
  environment: Record<string, string>;
  timeout_seconds: number;
  memory_mb: number;
  /** null: not reserved. */
  reserved_executions: number | null;
  log_group: string;
}

interface FunctionProperties {
  Handler?: string;
  Role?: string;
  Code?: { S3Key?: string };
  Environment?: { Variables?: Record<string, unknown> };
  Timeout?: number;
  MemorySize?: number;
  ReservedConcurrentExecutions?: number;
  LoggingConfig?: { LogGroup?: string };
  Runtime?: string;
}

/** Errors: a runtime other than Node.js, or code that is no asset of the assembly. */
export function functionConfiguration(resource: Resource, application: Application): FunctionConfiguration {
  const properties = resource.properties as FunctionProperties;
  if (!properties.Runtime?.startsWith("nodejs"))
    throw new Error(`${resource.path} has the runtime ${properties.Runtime}; only Node.js runs locally`);
  if (properties.Code?.S3Key === undefined)
    throw new Error(`${resource.path} has its code not in an asset; inline code and images do not run locally`);
  const [module = "index", handler = "handler"] = (properties.Handler ?? "index.handler").split(".");
  return {
    name: resource.ref,
    title: constructName(resource),
    arn: resource.attributes.Arn ?? "",
    role_arn: String(properties.Role),
    runtime: properties.Runtime,
    file: moduleFile(application.asset(properties.Code.S3Key), module, resource),
    handler,
    environment: Object.fromEntries(Object.entries(properties.Environment?.Variables ?? {}).map(([name, value]) => [name, String(value)])),
    timeout_seconds: properties.Timeout ?? 3,
    memory_mb: properties.MemorySize ?? 128,
    reserved_executions: properties.ReservedConcurrentExecutions ?? null,
    log_group: properties.LoggingConfig?.LogGroup ?? `/aws/lambda/${resource.ref}`,
  };
}

function moduleFile(folder: string, module: string, resource: Resource): string {
  const file = ["mjs", "js", "cjs"].map((extension) => join(folder, `${module}.${extension}`)).find((path) => existsSync(path));
  if (file === undefined) throw new Error(`${resource.path} has no ${module}.mjs or ${module}.js in its asset ${folder}`);
  return file;
}
