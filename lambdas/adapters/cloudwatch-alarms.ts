import { AlarmType, type CloudWatchClient, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import type { Alarms } from "../ports/alarms.ts";

/** As many as one request may name. */
const namesPerRequest = 100;
/** What is not asked for is left out of the answer: without types, all but metric alarms. */
const AlarmTypes = Object.values(AlarmType);

/** Alarms of the function's own account and region; the role needs `cloudwatch:DescribeAlarms` on `*`, as composite ones ask for. */
export function cloudWatchAlarms(client: CloudWatchClient): Alarms {
  return {
    async states(names) {
      const states: Awaited<ReturnType<Alarms["states"]>> = {};
      const wanted = [...new Set(names)];
      for (let start = 0; start < wanted.length; start += namesPerRequest) {
        const AlarmNames = wanted.slice(start, start + namesPerRequest);
        for await (const { MetricAlarms = [], CompositeAlarms = [], LogAlarms = [] } of paginateDescribeAlarms(
          { client },
          { AlarmNames, AlarmTypes },
        )) {
          for (const { AlarmName, StateValue } of [...MetricAlarms, ...CompositeAlarms, ...LogAlarms])
            if (AlarmName && StateValue) states[AlarmName] = StateValue;
        }
      }
      return states;
    },
  };
}
