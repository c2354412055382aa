import { AwsError } from "../aws/error.ts";
import type { AwsCall } from "../aws/service.ts";
import type { Requirement, Verdict } from "./policy.ts";
import { cloudFormationRequirements } from "./requirements/cloudformation.ts";
import { cloudwatchRequirements } from "./requirements/cloudwatch.ts";
import { dynamodbRequirements, type TableKeys } from "./requirements/dynamodb.ts";
import { isJsonService, jsonServiceRequirements } from "./requirements/json-services.ts";
import { eksRequirements, lambdaRequirements, s3Requirements } from "./requirements/rest-services.ts";
import { snsRequirements } from "./requirements/sns.ts";
import { assumedRole, type Roles } from "./roles.ts";

/** Everything that the role of a call's signer must allow. */
export function requirementsOf(call: AwsCall, keys: TableKeys): Requirement[] {
  if (call.service === "dynamodb") return dynamodbRequirements(call, keys);
  if (isJsonService(call.service)) return jsonServiceRequirements(call);
  if (call.service === "monitoring") return cloudwatchRequirements(call);
  if (call.service === "sns") return snsRequirements(call);
  if (call.service === "s3") return s3Requirements(call);
  if (call.service === "cloudformation") return cloudFormationRequirements(call);
  if (call.service === "eks") return eksRequirements(call);
  if (call.service === "lambda") return lambdaRequirements(call);
  // Whoever has credentials at all may ask who they are.
  if (call.service === "sts") return [];
  throw new AwsError("UnknownOperationException", `There is no local service ${call.service}`);
}

/** Errors: AccessDenied in the service's own spelling, naming who, what and on which resource. */
export function authorizeCall(call: AwsCall, session: string, roles: Roles, keys: TableKeys): void {
  const requirements = requirementsOf(call, keys);
  const { role_arn } = call.principal;
  if (role_arn === null) return;
  for (const requirement of requirements) requireAllowed(roles, { role_arn, session }, requirement, accessDeniedCode(call.service));
}

export function requireAllowed(
  roles: Roles,
  { role_arn, session }: { role_arn: string; session: string },
  requirement: Requirement,
  code = "AccessDeniedException",
): void {
  const verdict = roles.evaluate(role_arn, requirement);
  if (verdict === "allowed") return;
  throw new AwsError(code, refusal(assumedRole(role_arn, session), requirement, verdict), code === "AccessDenied" ? 403 : 400);
}

function refusal(who: string, { action, resource }: Requirement, verdict: Verdict): string {
  const because =
    verdict === "denied"
      ? "with an explicit deny in an identity-based policy"
      : `because no identity-based policy allows the ${action} action`;
  return `User: ${who} is not authorized to perform: ${action} on resource: ${resource} ${because}`;
}

const accessDeniedCode = (service: string): string =>
  service === "s3" || service === "sts" || service === "sns" ? "AccessDenied" : "AccessDeniedException";
