import type { DescribeAlarmsInput, DescribeAlarmsOutput } from "@aws-sdk/client-cloudwatch";
import type { Alarms } from "../ports/alarms.ts";
import type { AwsCall } from "../runtime/aws-json.ts";

/** As many as one request may name. */
const namesPerRequest = 100;
/** What is not asked for is left out of the answer: without types, all but metric alarms. */
const AlarmTypes: DescribeAlarmsInput["AlarmTypes"] = ["CompositeAlarm", "LogAlarm", "MetricAlarm"];

/** Alarms of the function's own account and region; the role needs `cloudwatch:DescribeAlarms` on `*`, as composite ones ask for. */
export function cloudWatchAlarms(call: AwsCall): Alarms {
  return {
    async states(names) {
      const states: Awaited<ReturnType<Alarms["states"]>> = {};
      const wanted = [...new Set(names)];
      for (let start = 0; start < wanted.length; start += namesPerRequest) {
        const AlarmNames = wanted.slice(start, start + namesPerRequest);
        let NextToken: string | undefined;
        do {
          const asked: DescribeAlarmsInput = { AlarmNames, AlarmTypes, NextToken };
          const page: DescribeAlarmsOutput = await call("DescribeAlarms", asked);
          for (const { AlarmName, StateValue } of alarmsOf(page)) if (AlarmName && StateValue) states[AlarmName] = StateValue;
          NextToken = page.NextToken;
        } while (NextToken);
      }
      return states;
    },
  };
}

const alarmsOf = ({ MetricAlarms = [], CompositeAlarms = [], LogAlarms = [] }: DescribeAlarmsOutput) => [
  ...MetricAlarms,
  ...CompositeAlarms,
  ...LogAlarms,
];
