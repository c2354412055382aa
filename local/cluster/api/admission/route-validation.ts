import type { BackendRef, HttpRoute } from "../../objects/gateway-api.ts";
import type { Resource } from "../../objects/resource.ts";
import type { FieldError } from "../status-error.ts";
import { invalidValue } from "./field-errors.ts";

const heaviest = 1_000_000;

/** What the HTTPRoute's custom resource definition refuses. */
export function routeErrors(object: Resource): FieldError[] {
  const rules = (object as HttpRoute).spec?.rules ?? [];
  return rules.flatMap((rule, index) => {
    const field = `spec.rules[${index}]`;
    const backends = (rule.backendRefs ?? []).flatMap((backend, at) => backendErrors(backend, `${field}.backendRefs[${at}]`));
    const paths = (rule.matches ?? []).flatMap((match, at) => {
      const value = match.path?.value;
      if (value === undefined || match.path?.type === "RegularExpression" || value.startsWith("/")) return [];
      return [
        invalidValue(
          `${field}.matches[${at}].path`,
          "object",
          "value must be an absolute path and start with '/' when type one of ['Exact', 'PathPrefix']",
        ),
      ];
    });
    return [...backends, ...paths];
  });
}

function backendErrors(backend: BackendRef, field: string): FieldError[] {
  const weight = backend.weight ?? 1;
  const bounds =
    weight < 0 ? "should be greater than or equal to 0" : weight > heaviest ? `should be less than or equal to ${heaviest}` : undefined;
  const errors = bounds ? [invalidValue(`${field}.weight`, weight, `${field}.weight in body ${bounds}`)] : [];
  if (backend.kind === "Service" && backend.port === undefined) {
    errors.push(invalidValue(field, "object", "Must have port for Service reference"));
  }
  return errors;
}
