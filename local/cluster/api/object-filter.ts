import type { Resource } from "../objects/resource.ts";
import { parseLabelSelector } from "../objects/selectors.ts";
import type { KindRule } from "./kinds.ts";
import { badRequest } from "./status-error.ts";

const everywhere = ["metadata.name", "metadata.namespace"];
const furtherFields: Record<string, string[]> = {
  Pod: ["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.phase", "status.podIP"],
  Event: [
    ...["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"].map((field) => `involvedObject.${field}`),
    "reason",
    "type",
    "source",
    "reportingComponent",
  ],
  Secret: ["type"],
  Namespace: ["status.phase"],
  ReplicaSet: ["status.replicas"],
};

/** Which objects a list or watch is about: namespace, `labelSelector` and `fieldSelector` together. */
export function objectFilter(rule: KindRule, namespace: string, query: URLSearchParams): (object: Resource) => boolean {
  const labelText = query.get("labelSelector") ?? "";
  const fieldText = query.get("fieldSelector") ?? "";
  const labels = labelText ? readLabels(labelText) : () => true;
  const fields = fieldText
    .split(",")
    .filter(Boolean)
    .map((term) => readField(rule, term));
  return (object) =>
    (!namespace || object.metadata.namespace === namespace) && labels(object.metadata.labels) && fields.every((matches) => matches(object));
}

function readLabels(text: string) {
  try {
    return parseLabelSelector(text);
  } catch (error) {
    throw badRequest((error as Error).message);
  }
}

function readField(rule: KindRule, term: string): (object: Resource) => boolean {
  const [, field = "", operator, value] = /^([^=!]+)(==|=|!=)(.*)$/.exec(term.trim()) ?? [];
  if (!operator) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
  if (!everywhere.includes(field) && !furtherFields[rule.kind]?.includes(field)) {
    const known = furtherFields[rule.kind] || rule.custom;
    const only = `"${field}" is not a known field selector: only ${everywhere.map((each) => `"${each}"`).join(", ")}`;
    throw badRequest(known ? `field label not supported: ${field}` : only);
  }
  return (object) => (fieldOf(object, field) === value) === (operator !== "!=");
}

function fieldOf(object: Resource, field: string): string {
  if (object.kind === "Event" && field === "source") return (object.source as { component?: string })?.component ?? "";
  let value: unknown = object;
  for (const key of field.split(".")) value = (value as Record<string, unknown> | undefined)?.[key];
  return value === undefined || value === null ? "" : String(value);
}
