import { randomUUID } from "node:crypto";
import { AwsError } from "../error.ts";
import { escapeXml } from "../render.ts";
import type { AwsService } from "../service.ts";
import { operations } from "./operations.ts";
import { cloudWatchRequest } from "./request.ts";
import type { AlarmStore } from "./store.ts";

/** CloudWatch, as far as alarms that somebody puts and sets go; in both protocols that its clients speak. */
export function cloudwatchService(store: AlarmStore): AwsService {
  return {
    handle: async (call) => {
      const { action, body, isQuery } = cloudWatchRequest(call);
      const operation = operations[action];
      if (operation === undefined) throw new AwsError("UnknownOperationException", `The local CloudWatch does not know ${action}`);
      const result = operation(store, body);
      return isQuery
        ? { status: 200, headers: { "content-type": "text/xml" }, body: responseOf(action, result) }
        : { status: 200, body: result };
    },
  };
}

const responseOf = (action: string, result: object): string =>
  `<${action}Response xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><${action}Result>${xml(result)}</${action}Result>` +
  `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`;

function xml(value: object): string {
  return Object.entries(value)
    .map(([name, each]) => `<${name}>${content(name, each)}</${name}>`)
    .join("");
}

function content(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((each) => `<member>${content("", each)}</member>`).join("");
  if (typeof value === "object" && value !== null) return xml(value);
  if (name.endsWith("Timestamp")) return new Date(Number(value) * 1000).toISOString();
  return escapeXml(String(value));
}
