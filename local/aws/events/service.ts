import { arn } from "../../template/place.ts";
import { AwsError } from "../error.ts";
import type { AwsService } from "../service.ts";
import type { EventBuses, EventEntry } from "./bus.ts";

/** EventBridge: putting events; rules come from the template. */
export function eventsService(buses: EventBuses, names: string[]): AwsService {
  return {
    handle: async (call) => {
      const body = JSON.parse(call.body.toString("utf8") || "{}") as { Entries?: EventEntry[] };
      if (call.action === "PutEvents") return { status: 200, body: putEvents(buses, body.Entries ?? []) };
      if (call.action === "ListEventBuses")
        return { status: 200, body: { EventBuses: names.map((Name) => ({ Name, Arn: arn("events", `event-bus/${Name}`) })) } };
      throw new AwsError("UnknownOperationException", `The local EventBridge does not know ${call.action}`);
    },
  };
}

/** Each entry succeeds or fails on its own; the answer is 200 either way. */
function putEvents(buses: EventBuses, entries: EventEntry[]): object {
  if (entries.length === 0 || entries.length > 10)
    throw new AwsError("ValidationException", `PutEvents takes 1 to 10 entries, given ${entries.length}`);
  const results = entries.map((entry) => {
    try {
      return { EventId: buses.put(entry) };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return { ErrorCode: error.code, ErrorMessage: error.message };
    }
  });
  return { FailedEntryCount: results.filter((result) => "ErrorCode" in result).length, Entries: results };
}
