import { AwsError } from "../../aws/error.ts";
import { queryRequest } from "../../aws/query-protocol.ts";
import type { AwsCall } from "../../aws/service.ts";
import { arn } from "../../template/place.ts";
import type { Requirement } from "../policy.ts";

const onStack = ["DescribeStacks", "ListStackResources", "GetTemplate"];

/** What a call of CloudFormation needs: the stack's ARN, or every stack's where none is named. */
export function cloudFormationRequirements(call: AwsCall): Requirement[] {
  const { action, body } = queryRequest(call);
  if (onStack.includes(action))
    return [{ action: `cloudformation:${action}`, resource: arn("cloudformation", `stack/${body.StackName ?? "*"}/*`) }];
  throw new AwsError("InvalidAction", `The local runtime does not know cloudformation:${action}; it knows ${onStack.join(", ")}`);
}
