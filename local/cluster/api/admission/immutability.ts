import { isDeepStrictEqual } from "node:util";
import type { Resource } from "../../objects/resource.ts";
import type { FieldError } from "../status-error.ts";
import { invalidValue } from "./field-errors.ts";

/** Fields that may not change once an object is there. */
export function immutabilityErrors(before: Resource, after: Resource): FieldError[] {
  switch (after.kind) {
    case "Deployment":
    case "ReplicaSet":
      return frozen(before, after, "selector");
    case "Secret":
    case "ConfigMap":
      return [
        ...frozenData(before, after),
        ...(before.type === after.type ? [] : [invalidValue("type", after.type, "field is immutable")]),
      ];
    case "RoleBinding":
    case "ClusterRoleBinding":
      return isDeepStrictEqual(before.roleRef, after.roleRef) ? [] : [invalidValue("roleRef", after.roleRef, "cannot change roleRef")];
    case "Pod":
      return podChanges(before, after);
    default:
      return [];
  }
}

function frozen(before: Resource, after: Resource, key: string): FieldError[] {
  const [old, now] = [before, after].map((object) => (object.spec as Record<string, unknown>)[key]);
  return isDeepStrictEqual(old, now) ? [] : [invalidValue(`spec.${key}`, now, "field is immutable")];
}

function frozenData(before: Resource, after: Resource): FieldError[] {
  if (before.immutable !== true) return [];
  const refuse = (field: string): FieldError => ({
    field,
    type: "FieldValueForbidden",
    message: "Forbidden: field is immutable when `immutable` is set",
  });
  return [
    ...(after.immutable === true ? [] : [refuse("immutable")]),
    ...(isDeepStrictEqual(before.data, after.data) ? [] : [refuse("data")]),
  ];
}

const changeablePodFields = ["nodeName", "schedulingGates", "tolerations", "activeDeadlineSeconds", "terminationGracePeriodSeconds"];

function podChanges(before: Resource, after: Resource): FieldError[] {
  const kept = (object: Resource) =>
    JSON.stringify(object.spec, (key, value) => (changeablePodFields.includes(key) || key === "image" ? undefined : value));
  if (kept(before) === kept(after)) return [];
  return [
    {
      field: "spec",
      type: "FieldValueForbidden",
      message:
        "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`," +
        "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations)," +
        "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
    },
  ];
}
