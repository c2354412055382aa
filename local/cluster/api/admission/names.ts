import { randomUUID } from "node:crypto";
import { randomSuffix } from "../../objects/random-name.ts";
import { type Draft, timestamp } from "../../objects/resource.ts";
import type { KindRule } from "../kinds.ts";
import { badRequest, type FieldError, invalid } from "../status-error.ts";

const longestGeneratedBase = 58;

/** Gives the draft the metadata that the server decides: name, uid, times, first generation. */
export function completeMetadata(rule: KindRule, draft: Draft, namespace: string | undefined): Draft["metadata"] {
  const given = draft.metadata;
  if (given.namespace && namespace && given.namespace !== namespace) {
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  }
  const generated = !given.name && given.generateName ? given.generateName.slice(0, longestGeneratedBase) + randomSuffix() : undefined;
  const name = given.name || generated;
  if (!name)
    throw invalid(rule, "", [
      { field: "metadata.name", type: "FieldValueRequired", message: "Required value: name or generateName is required" },
    ]);
  const {
    deletionTimestamp: _,
    deletionGracePeriodSeconds: __,
    resourceVersion: ___,
    selfLink: ____,
    managedFields: _____,
    ...kept
  } = given as Record<string, unknown>;
  return {
    ...kept,
    name,
    ...(rule.namespaced && { namespace }),
    uid: randomUUID(),
    creationTimestamp: timestamp(),
    ...(rule.generation && { generation: 1 }),
  };
}

const forms = {
  label: {
    pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    longest: 63,
    text:
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric " +
      "character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
  },
  service: {
    pattern: /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
    longest: 63,
    text:
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an " +
      "alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
  },
  subdomain: {
    pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    longest: 253,
    text:
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an " +
      "alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  },
  path: { pattern: /^(?!\.{1,2}$)[^/%]+$/, longest: 253, text: "may not contain '/' or '%'" },
};

export function nameErrors(rule: KindRule, name: string): FieldError[] {
  const form = forms[rule.kind === "Service" ? "service" : rule.nameForm];
  const refuse = (why: string): FieldError => ({
    field: "metadata.name",
    type: "FieldValueInvalid",
    message: `Invalid value: "${name}": ${why}`,
  });
  return [
    ...(form.pattern.test(name) ? [] : [refuse(form.text)]),
    ...(name.length <= form.longest ? [] : [refuse(`must be no more than ${form.longest} bytes`)]),
  ];
}

const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const labelValueText =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric " +
  "character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

export function labelErrors(labels: Record<string, string> | undefined, field = "metadata.labels"): FieldError[] {
  return Object.values(labels ?? {}).flatMap((value) => {
    const message = labelValue.test(value) ? (value.length > 63 ? "must be no more than 63 bytes" : undefined) : labelValueText;
    return message ? [{ field, type: "FieldValueInvalid" as const, message: `Invalid value: "${value}": ${message}` }] : [];
  });
}
