import { cborHeaders, encodeCbor, Instant } from "../cbor.ts";
import { AwsError } from "../error.ts";
import { queryAnswer } from "../query-protocol.ts";
import type { AwsService } from "../service.ts";
import { operations } from "./operations.ts";
import { cloudWatchRequest } from "./request.ts";
import type { AlarmStore } from "./store.ts";

const namespace = "http://monitoring.amazonaws.com/doc/2010-08-01/";

/** CloudWatch, as far as alarms that somebody puts and sets go; in each protocol that its clients speak. */
export function cloudwatchService(store: AlarmStore): AwsService {
  return {
    handle: async (call) => {
      const { action, body, protocol } = cloudWatchRequest(call);
      const operation = operations[action];
      if (operation === undefined) throw new AwsError("UnknownOperationException", `The local CloudWatch does not know ${action}`);
      const result = operation(store, body);
      if (protocol === "query") return queryAnswer(action, namespace, result, timesAsText);
      if (protocol === "cbor") return { status: 200, headers: cborHeaders, body: encodeCbor(timesAsInstants(result)) };
      return { status: 200, body: result };
    },
  };
}

const isTime = (name: string): boolean => name.endsWith("Timestamp");

const timesAsText = (name: string, value: unknown): string | undefined =>
  isTime(name) ? new Date(Number(value) * 1000).toISOString() : undefined;

function timesAsInstants(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(timesAsInstants);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, isTime(name) ? new Instant(Number(each)) : timesAsInstants(each)]),
  );
}
