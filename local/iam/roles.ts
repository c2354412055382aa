import type { Application, Resource } from "../template/application.ts";
import { account } from "../template/place.ts";
import { evaluate, type PolicyDocument, type Requirement, type Statement, statementsOf, type Verdict } from "./policy.ts";

/** AWS's own policies that may be attached, as AWS documents them. Anything else is refused at start. */
const awsManaged: Record<string, Statement[]> = {
  "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole": [
    { Effect: "Allow", Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], Resource: "*" },
  ],
  "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs": [{ Effect: "Allow", Action: "logs:*", Resource: "*" }],
  "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole": [
    {
      Effect: "Allow",
      Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "ec2:*NetworkInterface*"],
      Resource: "*",
    },
  ],
};

interface RoleProperties {
  AssumeRolePolicyDocument?: { Statement: TrustStatement | TrustStatement[] };
  Policies?: { PolicyName: string; PolicyDocument: PolicyDocument }[];
  ManagedPolicyArns?: string[];
}
interface TrustStatement {
  Effect: string;
  Principal?: { Service?: string | string[] };
}

/** The roles of the template with all that their policies say. */
export class Roles {
  private readonly statements = new Map<string, Statement[]>();
  private readonly trusted = new Map<string, string[]>();

  constructor(application: Application) {
    const roles = application.ofType("AWS::IAM::Role");
    const arnByName = new Map(roles.map((role) => [role.ref, role.attributes.Arn ?? ""]));
    for (const role of roles) {
      this.statements.set(role.attributes.Arn ?? "", roleStatements(role, application));
      this.trusted.set(role.attributes.Arn ?? "", trustedServices(role));
    }
    for (const policy of [...application.ofType("AWS::IAM::Policy"), ...application.ofType("AWS::IAM::ManagedPolicy")]) {
      const { PolicyDocument: document, Roles: names = [] } = policy.properties as { PolicyDocument: PolicyDocument; Roles?: string[] };
      for (const name of names) this.of(arnByName.get(name) ?? name).push(...statementsOf(document, policy.path));
    }
  }

  evaluate(roleArn: string, requirement: Requirement): Verdict {
    return evaluate(this.of(roleArn), requirement);
  }

  /** Errors: the role's trust policy does not name the service that would have to take the role on. */
  requireTrust(roleArn: string, service: string, user: string): void {
    if (!this.trusted.get(roleArn)?.includes(service)) {
      throw new Error(`${user} runs as ${roleArn}, whose trust policy does not let ${service} assume it`);
    }
  }

  private of(roleArn: string): Statement[] {
    const statements = this.statements.get(roleArn);
    if (statements === undefined) throw new Error(`There is no role ${roleArn} in the template`);
    return statements;
  }
}

function roleStatements(role: Resource, application: Application): Statement[] {
  const { Policies = [], ManagedPolicyArns = [] } = role.properties as RoleProperties;
  const inline = Policies.flatMap((policy) => statementsOf(policy.PolicyDocument, `${role.path}, policy ${policy.PolicyName}`));
  return [...inline, ...ManagedPolicyArns.flatMap((managed) => managedStatements(managed, role, application))];
}

function managedStatements(managed: string, role: Resource, application: Application): Statement[] {
  const own = application.ofType("AWS::IAM::ManagedPolicy").find(({ ref }) => ref === managed);
  if (own !== undefined) return statementsOf(own.properties.PolicyDocument as PolicyDocument, own.path);
  const known = awsManaged[managed];
  if (known === undefined)
    throw new Error(`${role.path} has the managed policy ${managed}, which the local runtime does not know (local/iam/roles.ts)`);
  return known;
}

function trustedServices(role: Resource): string[] {
  const statement = (role.properties as RoleProperties).AssumeRolePolicyDocument?.Statement ?? [];
  return [statement].flat().flatMap(({ Effect, Principal }) => (Effect === "Allow" ? [Principal?.Service ?? []].flat() : []));
}

/** `arn:aws:sts::…:assumed-role/<role>/<session>`, as AWS names whoever has taken on a role. */
export function assumedRole(roleArn: string, session: string): string {
  return `arn:aws:sts::${account}:assumed-role/${roleArn.split("/").at(-1)}/${session}`;
}
