import * as z from "zod/mini";
import { jsonTypes } from "../domain/specification.ts";
import { whole } from "./grammars.ts";
import { serverPath } from "./server-path.ts";
import { oneOf, strict } from "./strict.ts";

/** Requests with expected answers, sent to the preview slot before it may have traffic. Their schema is made when a body has one. */

const maxTests = 20;
const maxHeaders = 20;

/** Set by the prober, or a credential, which would lie in the record for all of the group to read. */
const refusedHeader =
  /^(?:host|content-length|connection|transfer-encoding|upgrade|te|trailer|expect|authorization|proxy-.*|cookie|x-api-key|x-slipway-.*|x-forwarded-.*|impersonate-.*)$/i;
const headerName = () =>
  z.string().check(
    z.regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, "a header's name"),
    z.refine(
      (name) => !refusedHeader.test(name),
      "this header cannot be given: it is set by the prober, or would keep a credential in the record",
    ),
  );
const headerValue = () => z.string().check(z.maxLength(1024), z.regex(/^[\x20-\x7e]*$/, "printable ASCII"));
const headers = () =>
  z
    .record(headerName(), headerValue())
    .check(z.refine((entries) => Object.keys(entries).length <= maxHeaders, `at most ${maxHeaders} headers`));

/** Dotted path into an answer. */
const place = () => z.string().check(z.minLength(1), z.maxLength(256));
const most = 50;
const field = () =>
  strict({
    path: place(),
    equals: z.optional(z.unknown()),
    type: z.optional(oneOf(jsonTypes, "type")),
    min: z.optional(z.number()),
    max: z.optional(z.number()),
  }).check((context) => {
    const { min, max, type } = context.value;
    const refuse = (path: string, message: string, input: unknown) => context.issues.push({ code: "custom", path: [path], message, input });
    if (min !== undefined && max !== undefined && min > max) refuse("max", `not below min, which is ${min}`, max);
    const isRange = min !== undefined || max !== undefined;
    if (isRange && type !== undefined && type !== "number" && type !== "integer")
      refuse("type", "number or integer where a range is given", type);
  });

const expected = () =>
  strict({
    status: z._default(whole(100, 599), 200),
    /** Place → the value that must be there. */
    json: z.optional(
      z.record(place(), z.unknown()).check(z.refine((entries) => Object.keys(entries).length <= most, `at most ${most} expectations`)),
    ),
    /** The same with types and ranges. */
    fields: z.optional(z.array(z.lazy(field)).check(z.maxLength(most, `at most ${most} expectations`))),
    max_latency_ms: z.optional(whole(1, 60_000)),
  });

const smokeTest = () =>
  strict({
    name: z.string().check(z.regex(/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/, "1 to 63 letters, digits, '-', '_' and '.'")),
    method: z._default(oneOf(["GET", "POST", "PUT", "PATCH", "DELETE"], "method"), "POST"),
    path: serverPath(),
    headers: z.optional(z.lazy(headers)),
    body: z.optional(z.unknown()),
    expect: z.prefault(expected(), {}),
  }).check((context) => {
    const { method, body } = context.value;
    if (method !== "GET" || body === undefined) return;
    context.issues.push({ code: "custom", path: ["body"], message: "a GET carries no body: give another method", input: undefined });
  });

export const smokeTests = z.array(z.lazy(smokeTest)).check(z.maxLength(maxTests, `at most ${maxTests} smoke tests`), (context) => {
  const seen = new Set<string>();
  for (const [index, { name }] of context.value.entries()) {
    if (seen.has(name))
      context.issues.push({ code: "custom", path: [index, "name"], message: "two smoke tests have this name", input: name });
    seen.add(name);
  }
});
