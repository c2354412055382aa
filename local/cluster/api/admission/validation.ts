import { parseQuantity } from "../../objects/quantity.ts";
import type { Resource } from "../../objects/resource.ts";
import { matcherOf } from "../../objects/selectors.ts";
import type { Container, Deployment, LabelSelector, Pod, PodSpec, Service } from "../../objects/workloads.ts";
import type { FieldError } from "../status-error.ts";
import { invalidValue, required } from "./field-errors.ts";
import { notProvidedErrors } from "./not-provided.ts";
import { routeErrors } from "./route-validation.ts";

/** What is wrong with a new or changed object, field by field, in the words of Kubernetes' own validation. */
export function specErrors(object: Resource): FieldError[] {
  switch (object.kind) {
    case "Pod":
      return podSpecErrors((object as Pod).spec, "spec");
    case "Deployment":
    case "ReplicaSet":
      return workloadErrors(object as Deployment);
    case "Service":
      return serviceErrors(object as Service);
    case "HTTPRoute":
      return routeErrors(object);
    case "HorizontalPodAutoscaler":
      return autoscalerErrors(object.spec as Record<string, unknown> | undefined);
    default:
      return [];
  }
}

function workloadErrors(object: Deployment): FieldError[] {
  const spec = object.spec as Partial<Deployment["spec"]> | undefined;
  if (!spec) return [required("spec.selector"), required("spec.template.spec.containers")];
  const labels = spec.template?.metadata?.labels;
  const errors = selectorErrors(spec.selector, labels);
  if (spec.replicas !== undefined && spec.replicas < 0) {
    errors.push(invalidValue("spec.replicas", spec.replicas, "must be greater than or equal to 0"));
  }
  const restart = spec.template?.spec?.restartPolicy;
  if (restart && restart !== "Always") {
    errors.push({
      field: "spec.template.spec.restartPolicy",
      type: "FieldValueNotSupported",
      message: `Unsupported value: "${restart}": supported values: "Always"`,
    });
  }
  return [...errors, ...podSpecErrors(spec.template?.spec, "spec.template.spec")];
}

function selectorErrors(selector: LabelSelector | undefined, labels: Record<string, string> | undefined): FieldError[] {
  if (!selector) return [required("spec.selector")];
  const empty = !Object.keys(selector.matchLabels ?? {}).length && !selector.matchExpressions?.length;
  if (empty) return [invalidValue("spec.selector", {}, "empty selector is invalid for deployment")];
  if (matcherOf(selector)(labels)) return [];
  return [invalidValue("spec.template.metadata.labels", labels ?? null, "`selector` does not match template `labels`")];
}

function podSpecErrors(spec: PodSpec | undefined, field: string): FieldError[] {
  const containers = spec?.containers ?? [];
  if (!spec || containers.length === 0) return [required(`${field}.containers`)];
  const seen = new Set<string>();
  const all: [Container, string][] = [
    ...containers.map((container, index): [Container, string] => [container, `${field}.containers[${index}]`]),
    ...(spec.initContainers ?? []).map((container, index): [Container, string] => [container, `${field}.initContainers[${index}]`]),
  ];
  const volumes = new Set((spec.volumes ?? []).map((volume) => volume.name));
  return [
    ...all.flatMap(([container, path]) => [...containerErrors(container, path, seen), ...mountErrors(container, path, volumes)]),
    ...notProvidedErrors(spec, field),
  ];
}

function containerErrors(container: Container, path: string, seen: Set<string>): FieldError[] {
  const errors: FieldError[] = [];
  if (!container.name) errors.push(required(`${path}.name`));
  else if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(container.name)) {
    errors.push(
      invalidValue(`${path}.name`, container.name, "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-'"),
    );
  } else if (seen.has(container.name)) {
    errors.push({ field: `${path}.name`, type: "FieldValueInvalid", message: `Duplicate value: "${container.name}"` });
  }
  seen.add(container.name);
  if (!container.image) errors.push(required(`${path}.image`));
  return [...errors, ...resourceErrors(container, path)];
}

function resourceErrors(container: Container, path: string): FieldError[] {
  const { requests = {}, limits = {} } = container.resources ?? {};
  const errors: FieldError[] = [];
  for (const [list, amounts] of Object.entries({ requests, limits })) {
    for (const [name, quantity] of Object.entries(amounts)) {
      try {
        if (parseQuantity(quantity) < 0)
          errors.push(invalidValue(`${path}.resources.${list}.${name}`, quantity, "must be greater than or equal to 0"));
      } catch (error) {
        errors.push(invalidValue(`${path}.resources.${list}.${name}`, quantity, (error as Error).message));
      }
    }
  }
  if (errors.length > 0) return errors;
  return Object.entries(requests)
    .filter(([name, quantity]) => limits[name] !== undefined && parseQuantity(quantity) > parseQuantity(limits[name]))
    .map(([name, quantity]) =>
      invalidValue(`${path}.resources.requests`, quantity, `must be less than or equal to ${name} limit of ${limits[name]}`),
    );
}

function mountErrors(container: Container, path: string, volumes: Set<string>): FieldError[] {
  return (container.volumeMounts ?? []).flatMap((mount, index) =>
    volumes.has(mount.name)
      ? []
      : [{ field: `${path}.volumeMounts[${index}].name`, type: "FieldValueInvalid" as const, message: `Not found: "${mount.name}"` }],
  );
}

function serviceErrors(service: Service): FieldError[] {
  const ports = service.spec?.ports ?? [];
  if (ports.length === 0 && service.spec?.clusterIP !== "None") return [required("spec.ports")];
  return ports.flatMap((port, index) => {
    const field = `spec.ports[${index}]`;
    const errors: FieldError[] = [];
    if (!(port.port >= 1 && port.port <= 65535))
      errors.push(invalidValue(`${field}.port`, port.port, "must be between 1 and 65535, inclusive"));
    if (ports.length > 1 && !port.name) errors.push(required(`${field}.name`));
    return errors;
  });
}

function autoscalerErrors(spec: Record<string, unknown> | undefined): FieldError[] {
  const { minReplicas = 1, maxReplicas } = (spec ?? {}) as { minReplicas?: number; maxReplicas?: number };
  if (!maxReplicas || maxReplicas < 1) return [invalidValue("spec.maxReplicas", maxReplicas ?? 0, "must be greater than 0")];
  if (minReplicas < 1) return [invalidValue("spec.minReplicas", minReplicas, "must be greater than or equal to 1")];
  if (maxReplicas < minReplicas) return [invalidValue("spec.maxReplicas", maxReplicas, "must be greater than or equal to `minReplicas`")];
  return [];
}
