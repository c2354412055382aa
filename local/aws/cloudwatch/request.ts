import type { AwsCall } from "../service.ts";

export type Body = Record<string, unknown>;

/** What a call asks for, whichever of the two protocols of the service it came in. */
export interface CloudWatchRequest {
  action: string;
  body: Body;
  /** AWS Query, as older clients speak: a form in, XML out. */
  isQuery: boolean;
}

const numbers = ["Period", "EvaluationPeriods", "DatapointsToAlarm", "Threshold", "MaxRecords"];

export function cloudWatchRequest({ action, body, headers, query }: AwsCall): CloudWatchRequest {
  const text = body.toString("utf8");
  if (action !== null) return { action, body: JSON.parse(text || "{}") as Body, isQuery: false };
  const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
  const form = new URLSearchParams(isForm ? text : query);
  return { action: form.get("Action") ?? "", body: readForm(form), isQuery: true };
}

/** `AlarmNames.member.1=a` is the first of a list, `Dimensions.member.1.Name=b` a field of one. */
function readForm(form: URLSearchParams): Body {
  const body: Body = {};
  for (const [key, text] of form) {
    if (key === "Action" || key === "Version") continue;
    const path = key.split(".").filter((part) => part !== "member");
    const last = path.pop() as string;
    let place = body;
    for (const part of path) {
      place[part] ??= {};
      place = place[part] as Body;
    }
    place[last] = numbers.includes(last) ? Number(text) : text === "true" || text === "false" ? text === "true" : text;
  }
  return withLists(body) as Body;
}

/** What is numbered from 1 is a list. */
function withLists(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, each]) => [name, withLists(each)] as const);
  if (entries.length === 0 || !entries.every(([name]) => /^\d+$/.test(name))) return Object.fromEntries(entries);
  return entries.toSorted(([a], [b]) => Number(a) - Number(b)).map(([, each]) => each);
}
