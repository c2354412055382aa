import { readFileSync } from "node:fs";
import { requireAllowed } from "./iam/authorize.ts";
import type { Roles } from "./iam/roles.ts";
import type { Application, Resource } from "./template/application.ts";

export interface StateMachine {
  arn: string;
  name: string;
  /** With every `${Placeholder}` filled. */
  definition: object;
  roleArn: string;
}

interface MachineProperties {
  RoleArn: string;
  DefinitionString?: string;
  DefinitionS3Location?: { Key: string };
  DefinitionSubstitutions?: Record<string, string>;
}

/** State machines of the template. Errors: a placeholder that nothing fills, a role that Step Functions may not assume. */
export function readStateMachines(application: Application, roles: Roles): StateMachine[] {
  return application.ofType("AWS::StepFunctions::StateMachine").map((resource) => {
    const properties = resource.properties as unknown as MachineProperties;
    roles.requireTrust(properties.RoleArn, "states.amazonaws.com", resource.path);
    const text = properties.DefinitionString ?? readFileSync(application.asset(properties.DefinitionS3Location?.Key ?? ""), "utf8");
    const definition = JSON.parse(fill(text, properties.DefinitionSubstitutions ?? {}, resource)) as object;
    return { arn: resource.attributes.Arn ?? "", name: resource.attributes.Name ?? "", definition, roleArn: properties.RoleArn };
  });
}

function fill(text: string, substitutions: Record<string, string>, resource: Resource): string {
  return text.replaceAll(/\$\{([A-Za-z0-9_]+)\}/g, (whole, name: string) => {
    const value = substitutions[name];
    if (value === undefined) throw new Error(`${resource.path}: nothing fills ${whole} in the definition`);
    return value;
  });
}

/** What Step Functions itself does as a state machine's role. Errors: AccessDeniedException. */
export function authorizeMachine(roles: Roles, roleArn: string, action: string, resource: string): void {
  requireAllowed(roles, { role_arn: roleArn, session: "states" }, { action, resource });
}
