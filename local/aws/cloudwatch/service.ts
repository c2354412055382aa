import { AwsError } from "../error.ts";
import { queryAnswer } from "../query-protocol.ts";
import type { AwsService } from "../service.ts";
import { operations } from "./operations.ts";
import { cloudWatchRequest } from "./request.ts";
import type { AlarmStore } from "./store.ts";

const namespace = "http://monitoring.amazonaws.com/doc/2010-08-01/";

/** CloudWatch, as far as alarms that somebody puts and sets go; in both protocols that its clients speak. */
export function cloudwatchService(store: AlarmStore): AwsService {
  return {
    handle: async (call) => {
      const { action, body, isQuery } = cloudWatchRequest(call);
      const operation = operations[action];
      if (operation === undefined) throw new AwsError("UnknownOperationException", `The local CloudWatch does not know ${action}`);
      const result = operation(store, body);
      return isQuery ? queryAnswer(action, namespace, result, timesAsText) : { status: 200, body: result };
    },
  };
}

const timesAsText = (name: string, value: unknown): string | undefined =>
  name.endsWith("Timestamp") ? new Date(Number(value) * 1000).toISOString() : undefined;
