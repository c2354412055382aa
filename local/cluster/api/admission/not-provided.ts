import type { Container, PodSpec } from "../../objects/workloads.ts";
import type { FieldError } from "../status-error.ts";

const volumeSources = ["emptyDir", "secret", "configMap"];

/** What a real node could run and this one cannot: refused with its name instead of being ignored. */
export function notProvidedErrors(spec: PodSpec, field: string): FieldError[] {
  const errors = (spec.volumes ?? []).flatMap((volume, index) =>
    Object.keys(volume)
      .filter((key) => key !== "name" && !volumeSources.includes(key))
      .map((source) =>
        notProvided(`${field}.volumes[${index}].${source}`, `volumes of type ${source}; it has ${volumeSources.join(", ")}`),
      ),
  );
  const containers: [string, Container[]][] = [
    ["containers", spec.containers],
    ["initContainers", spec.initContainers ?? []],
  ];
  for (const [list, members] of containers) {
    for (const [index, container] of members.entries()) errors.push(...containerErrors(container, `${field}.${list}[${index}]`));
  }
  return errors;
}

function containerErrors(container: Container, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ["startupProbe", "livenessProbe", "readinessProbe"] as const) {
    if (container[name]?.grpc) errors.push(notProvided(`${field}.${name}.grpc`, "gRPC probes; it has httpGet, tcpSocket, exec"));
  }
  if (container.lifecycle?.postStart) errors.push(notProvided(`${field}.lifecycle.postStart`, "postStart hooks"));
  if (container.restartPolicy) errors.push(notProvided(`${field}.restartPolicy`, "sidecar containers"));
  return errors;
}

function notProvided(field: string, what: string): FieldError {
  return { field, type: "FieldValueForbidden", message: `Forbidden: the local cluster has no ${what}` };
}
