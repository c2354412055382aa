import { arn } from "../../template/place.ts";
import { AwsError } from "../error.ts";
import type { Body } from "../query-protocol.ts";
import { type Alarm, type AlarmState, type AlarmStore, type AlarmType, alarmStates, alarmTypes } from "./store.ts";

const mostNames = 100;
const mostRecords = 100;
const usualRecords = 50;
const tokenPrefix = "after ";

export const operations: Record<string, (store: AlarmStore, body: Body) => object> = {
  PutMetricAlarm: (store, body) => {
    requireFields(body, "AlarmName", "ComparisonOperator", "EvaluationPeriods");
    store.put("MetricAlarm", String(body.AlarmName), body);
    return {};
  },
  PutCompositeAlarm: (store, body) => {
    requireFields(body, "AlarmName", "AlarmRule");
    store.put("CompositeAlarm", String(body.AlarmName), body);
    return {};
  },
  SetAlarmState: (store, body) => {
    requireFields(body, "AlarmName", "StateReason", "StateValue");
    const data = body.StateReasonData === undefined ? null : String(body.StateReasonData);
    if (!store.setState(String(body.AlarmName), stateOf(body.StateValue), String(body.StateReason), data))
      throw new AwsError("ResourceNotFound", `There is no alarm ${body.AlarmName}`, 404);
    return {};
  },
  DeleteAlarms: (store, body) => {
    const missing = store.delete(list(body.AlarmNames, "AlarmNames"));
    if (missing !== undefined) throw new AwsError("ResourceNotFound", `There is no alarm ${missing}: none was deleted`, 404);
    return {};
  },
  DescribeAlarms: describeAlarms,
};

function describeAlarms(store: AlarmStore, body: Body): object {
  const wanted = wantedBy(body);
  const limit = Number(body.MaxRecords ?? usualRecords);
  if (!(limit >= 1 && limit <= mostRecords)) throw invalid(`MaxRecords is ${body.MaxRecords}; it must be from 1 to ${mostRecords}`);
  const last = after(body.NextToken);
  const found = store.all().filter((alarm) => wanted(alarm) && alarm.name > last);
  const page = found.slice(0, limit);
  const token = Buffer.from(tokenPrefix + (page.at(-1)?.name ?? "")).toString("base64url");
  const ofType = (type: AlarmType): object[] => page.filter((alarm) => alarm.type === type).map(shown);
  return {
    MetricAlarms: ofType("MetricAlarm"),
    CompositeAlarms: ofType("CompositeAlarm"),
    ...(found.length > page.length && { NextToken: token }),
  };
}

function wantedBy(body: Body): (alarm: Alarm) => boolean {
  const { AlarmNames, AlarmNamePrefix, AlarmTypes, StateValue } = body;
  for (const other of ["ChildrenOfAlarmName", "ParentsOfAlarmName", "ActionPrefix"]) {
    if (body[other] !== undefined) throw invalid(`The local CloudWatch does not describe alarms by ${other}`);
  }
  if (AlarmNames !== undefined && AlarmNamePrefix !== undefined)
    throw new AwsError("InvalidParameterCombinationException", "AlarmNames and AlarmNamePrefix cannot be given together");
  const names = AlarmNames === undefined ? undefined : list(AlarmNames, "AlarmNames");
  const types: string[] = AlarmTypes === undefined ? ["MetricAlarm"] : list(AlarmTypes, "AlarmTypes");
  const unknown = types.find((type) => ![...alarmTypes, "LogAlarm"].includes(type));
  if (unknown !== undefined) throw invalid(`AlarmTypes holds ${unknown}; there are ${alarmTypes.join(", ")}, LogAlarm`);
  const state = StateValue === undefined ? undefined : stateOf(StateValue);
  return (alarm) =>
    (names?.includes(alarm.name) ?? true) &&
    alarm.name.startsWith(String(AlarmNamePrefix ?? "")) &&
    types.includes(alarm.type) &&
    (state === undefined || alarm.state === state);
}

function after(token: unknown): string {
  if (token === undefined) return "";
  const text = Buffer.from(String(token), "base64url").toString();
  if (!text.startsWith(tokenPrefix)) throw new AwsError("InvalidNextToken", `NextToken was not given by an answer: ${token}`);
  return text.slice(tokenPrefix.length);
}

/** Times in seconds since the epoch, as the JSON protocol has them. */
function shown({ name, type, definition, state, reason, reason_data, configured_at, state_updated_at, transitioned_at }: Alarm): object {
  const lists = { OKActions: [], AlarmActions: [], InsufficientDataActions: [], ...(type === "MetricAlarm" && { Dimensions: [] }) };
  const { Tags: _, ...described } = definition;
  return {
    ActionsEnabled: true,
    ...lists,
    ...described,
    AlarmArn: arn("cloudwatch", `alarm:${name}`),
    StateValue: state,
    StateReason: reason,
    ...(reason_data !== null && { StateReasonData: reason_data }),
    StateUpdatedTimestamp: state_updated_at / 1000,
    StateTransitionedTimestamp: transitioned_at / 1000,
    AlarmConfigurationUpdatedTimestamp: configured_at / 1000,
  };
}

function requireFields(body: Body, ...fields: string[]): void {
  const missing = fields.filter((field) => body[field] === undefined || body[field] === "");
  if (missing.length > 0) throw new AwsError("MissingRequiredParameterException", `Required and not given: ${missing.join(", ")}`);
}

function stateOf(value: unknown): AlarmState {
  const state = alarmStates.find((each) => each === value);
  if (state === undefined) throw invalid(`StateValue is ${value}; it must be one of ${alarmStates.join(", ")}`);
  return state;
}

function list(value: unknown, name: string): string[] {
  if (!Array.isArray(value)) throw invalid(`${name} must be a list`);
  if (value.length > mostNames) throw invalid(`${name} has ${value.length} members; it must have at most ${mostNames}`);
  return value.map(String);
}

const invalid = (message: string): AwsError => new AwsError("ValidationException", message);
