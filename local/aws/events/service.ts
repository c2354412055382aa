import { arn } from "../../template/place.ts";
import { AwsError } from "../error.ts";
import type { AwsService } from "../service.ts";
import type { EventBuses, EventEntry } from "./bus.ts";

interface Body {
  Entries?: EventEntry[];
  EndpointId?: string;
  NamePrefix?: string;
  Limit?: number;
  NextToken?: string;
}

/** EventBridge: putting events; rules come from the template. */
export function eventsService(buses: EventBuses, names: string[]): AwsService {
  return {
    handle: async (call) => {
      const body = JSON.parse(call.body.toString("utf8") || "{}") as Body;
      if (call.action === "PutEvents") return { status: 200, body: putEvents(buses, body) };
      if (call.action === "ListEventBuses") return { status: 200, body: listBuses(names, body) };
      throw new AwsError("UnknownOperationException", `The local EventBridge does not know ${call.action}`);
    },
  };
}

/** Each entry succeeds or fails on its own; the answer is 200 either way. */
function putEvents(buses: EventBuses, { Entries: entries = [], EndpointId }: Body): object {
  if (EndpointId !== undefined) throw new AwsError("ValidationException", "The local EventBridge has no global endpoints (EndpointId)");
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

/** By name; a token is the last name of a page. */
function listBuses(names: string[], { NamePrefix = "", Limit = 100, NextToken = "" }: Body): object {
  const after = Buffer.from(NextToken, "base64url").toString();
  const found = names.toSorted().filter((name) => name.startsWith(NamePrefix) && name > after);
  const shown = found.slice(0, Limit);
  const EventBuses = shown.map((Name) => ({ Name, Arn: arn("events", `event-bus/${Name}`) }));
  return { EventBuses, ...(found.length > shown.length && { NextToken: Buffer.from(shown.at(-1) ?? "").toString("base64url") }) };
}
