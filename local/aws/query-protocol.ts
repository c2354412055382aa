import { randomUUID } from "node:crypto";
import { escapeXml } from "./render.ts";
import type { AwsAnswer, AwsCall } from "./service.ts";

/** AWS Query, as older services and clients speak: a form in, XML out. */

export type Body = Record<string, unknown>;

export interface QueryRequest {
  action: string;
  body: Body;
}

/** Fields that are no texts, by their names: a form says nothing of that. */
interface Types {
  numbers?: string[];
  booleans?: string[];
}

/** The form is the body of a POST, or the query of a GET. */
export function queryRequest({ body, headers, query }: Pick<AwsCall, "body" | "headers" | "query">, types: Types = {}): QueryRequest {
  const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
  const form = new URLSearchParams(isForm ? body.toString("utf8") : query);
  return { action: form.get("Action") ?? "", body: readForm(form, types) };
}

/** `AlarmNames.member.1=a` is the first of a list, `Dimensions.member.1.Name=b` a field of one. */
function readForm(form: URLSearchParams, { numbers = [], booleans = [] }: Types): Body {
  const body: Body = {};
  for (const [key, text] of form) {
    if (key === "Action" || key === "Version") continue;
    const path = key.split(".").filter((part) => part !== "member" && part !== "entry");
    const last = path.pop() as string;
    let place = body;
    for (const part of path) {
      place[part] ??= {};
      place = place[part] as Body;
    }
    place[last] = numbers.includes(last) ? Number(text) : booleans.includes(last) ? text === "true" : text;
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

/** `content` may give the text of a value that is not to be told as it is. */
export function queryAnswer(action: string, namespace: string, result: object, content?: Content): AwsAnswer {
  return {
    status: 200,
    headers: { "content-type": "text/xml" },
    body:
      `<${action}Response xmlns="${namespace}"><${action}Result>${xml(result, content)}</${action}Result>` +
      `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`,
  };
}

type Content = ((name: string, value: unknown) => string | undefined) | undefined;

const xml = (value: object, content: Content): string =>
  Object.entries(value)
    .map(([name, each]) => `<${name}>${told(name, each, content)}</${name}>`)
    .join("");

function told(name: string, value: unknown, content: Content): string {
  if (Array.isArray(value)) return value.map((each) => `<member>${told("", each, content)}</member>`).join("");
  // A map has its entries, a structure its fields.
  if (value instanceof Map) return [...value].map(([key, each]) => `<entry>${xml({ key, value: each }, content)}</entry>`).join("");
  if (typeof value === "object" && value !== null) return xml(value, content);
  return content?.(name, value) ?? escapeXml(String(value));
}
