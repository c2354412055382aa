import { cloudWatchRequest } from "../../aws/cloudwatch/request.ts";
import { AwsError } from "../../aws/error.ts";
import type { AwsCall } from "../../aws/service.ts";
import { arn } from "../../template/place.ts";
import type { Requirement } from "../policy.ts";

type Body = Record<string, unknown>;

const alarm = (name: unknown): string => arn("cloudwatch", `alarm:${name}`);
const named = (body: Body): string[] => [alarm(body.AlarmName)];

const resources: Record<string, (body: Body) => string[]> = {
  PutMetricAlarm: named,
  PutCompositeAlarm: named,
  SetAlarmState: named,
  DeleteAlarms: ({ AlarmNames }) => (Array.isArray(AlarmNames) ? AlarmNames.map(alarm) : [alarm("*")]),
  // Composite alarms are told only to who may see all, and names in the request narrow nothing.
  DescribeAlarms: ({ AlarmTypes }) => [Array.isArray(AlarmTypes) && AlarmTypes.includes("CompositeAlarm") ? "*" : alarm("*")],
};

/** What a call of CloudWatch needs: alarms by ARN. */
export function cloudwatchRequirements(call: AwsCall): Requirement[] {
  const { action, body } = cloudWatchRequest(call);
  const needed = resources[action];
  if (needed === undefined) {
    const message = `The local runtime does not know cloudwatch:${action} (local/iam/requirements/cloudwatch.ts)`;
    throw new AwsError("UnknownOperationException", message);
  }
  return needed(body).map((resource) => ({ action: `cloudwatch:${action}`, resource }));
}
