import type { Permissions } from "../../iam/permissions.ts";
import type { Roles } from "../../iam/roles.ts";
import { TopicPolicies } from "../../iam/topic-policies.ts";
import type { Application, Resource } from "../../template/application.ts";
import { type Pattern, refuseUnknownMatchers } from "./pattern.ts";
import { parseSchedule, type Schedule } from "./schedule.ts";
import type { TargetInput } from "./target-input.ts";

export interface Target extends TargetInput {
  Id: string;
  Arn: string;
  RoleArn?: string;
  DeadLetterConfig?: { Arn: string };
  RetryPolicy?: { MaximumRetryAttempts?: number; MaximumEventAgeInSeconds?: number };
}
export interface Rule {
  name: string;
  arn: string;
  bus: string;
  pattern: Pattern | null;
  schedule: Schedule | null;
  targets: Target[];
}

/** Enabled rules of the template. Errors: a pattern or schedule that is not known here, a target that may not be called. */
export function readRules(application: Application, permissions: Permissions, roles: Roles): Rule[] {
  const topics = new TopicPolicies(application);
  return application
    .ofType("AWS::Events::Rule")
    .filter(({ properties }) => properties.State !== "DISABLED")
    .map((resource) => {
      const rule = readRule(resource);
      if (rule.pattern !== null) refuseUnknownMatchers(rule.pattern);
      for (const target of rule.targets) requireCallable(rule, target, { permissions, roles, topics });
      return rule;
    });
}

function readRule({ ref, attributes, properties }: Resource): Rule {
  const { EventBusName, EventPattern, ScheduleExpression, Targets } = properties as {
    EventBusName?: string;
    EventPattern?: Pattern | string;
    ScheduleExpression?: string;
    Targets?: Target[];
  };
  return {
    name: ref,
    arn: attributes.Arn ?? "",
    bus: busName(EventBusName),
    pattern: typeof EventPattern === "string" ? (JSON.parse(EventPattern) as Pattern) : (EventPattern ?? null),
    schedule: ScheduleExpression === undefined ? null : parseSchedule(ScheduleExpression),
    targets: Targets ?? [],
  };
}

export const busName = (nameOrArn: string | undefined): string => (nameOrArn ?? "default").replace(/^arn:.*event-bus\//, "");

interface Grants {
  permissions: Permissions;
  roles: Roles;
  topics: TopicPolicies;
}

function requireCallable(rule: Rule, target: Target, { permissions, roles, topics }: Grants): void {
  const what = `The rule ${rule.name}`;
  if (target.Arn.includes(":lambda:")) {
    permissions.require(target.Arn, "events.amazonaws.com", rule.arn, what);
    return;
  }
  if (target.Arn.includes(":sns:")) {
    topics.requirePublish(target.Arn, "events.amazonaws.com", what);
    return;
  }
  if (!target.Arn.includes(":states:"))
    throw new Error(`${what} has the target ${target.Arn}; the local runtime calls functions, state machines and topics only`);
  const role = target.RoleArn ?? "";
  roles.requireTrust(role, "events.amazonaws.com", what);
  if (roles.evaluate(role, { action: "states:StartExecution", resource: target.Arn }) !== "allowed") {
    throw new Error(`${what} starts ${target.Arn} as ${role}, which does not allow states:StartExecution on it`);
  }
}
