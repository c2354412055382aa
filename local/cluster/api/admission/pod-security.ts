import type { Container, PodSpec } from "../../objects/workloads.ts";

export type SecurityLevel = "privileged" | "baseline" | "restricted";

/** Pod security admission: what a pod does that the level does not allow, in the words of the real admission; empty when allowed. */
export function securityViolations(spec: PodSpec, level: SecurityLevel): string[] {
  if (level === "privileged") return [];
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const checks = level === "baseline" ? baseline : [...baseline.filter((check) => !narrowed.includes(check)), ...restricted];
  return checks.map((check) => check(spec, containers)).filter((text) => text !== undefined);
}

type Check = (spec: PodSpec, containers: Container[]) => string | undefined;

const hostNamespaces: Check = (spec) => {
  const used = (["hostNetwork", "hostPID", "hostIPC"] as const).filter((name) => spec[name]).map((name) => `${name}=true`);
  return used.length > 0 ? `host namespaces (${used.join(", ")})` : undefined;
};

const privileged: Check = (_, containers) => {
  const named = names(containers.filter((container) => container.securityContext?.privileged));
  return named && `privileged (${named} must not set securityContext.privileged=true)`;
};

const hostPathVolumes: Check = (spec) => {
  const used = (spec.volumes ?? []).filter((volume) => volume.hostPath);
  return used.length > 0
    ? `hostPath volumes (volume${used.length > 1 ? "s" : ""} ${used.map((volume) => `"${volume.name}"`).join(", ")})`
    : undefined;
};

const hostPorts: Check = (_, containers) => {
  const offending = containers.filter((container) => container.ports?.some((port) => port.hostPort));
  const ports = offending.flatMap((container) => container.ports?.flatMap((port) => port.hostPort || []) ?? []);
  return offending.length > 0
    ? `hostPort (${names(offending)} use${offending.length > 1 ? "" : "s"} hostPort ${ports.join(", ")})`
    : undefined;
};

const allowedByBaseline = [
  "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
]; // biome-ignore format: a word list

const addedCapabilities: Check = (_, containers) => {
  const offending = containers.filter((container) =>
    container.securityContext?.capabilities?.add?.some((name) => !allowedByBaseline.includes(name)),
  );
  const added = offending.flatMap(
    (container) => container.securityContext?.capabilities?.add?.filter((name) => !allowedByBaseline.includes(name)) ?? [],
  );
  return offending.length > 0
    ? `non-default capabilities (${names(offending)} must not include ${added.map((name) => `"${name}"`).join(", ")} in securityContext.capabilities.add)`
    : undefined;
};

const unconfined: Check = (spec, containers) => {
  const offending = containers.filter((container) => container.securityContext?.seccompProfile?.type === "Unconfined");
  if (offending.length > 0) return `seccompProfile (${names(offending)} must not set securityContext.seccompProfile.type to "Unconfined")`;
  return spec.securityContext?.seccompProfile?.type === "Unconfined"
    ? `seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")`
    : undefined;
};

const baseline: Check[] = [hostNamespaces, privileged, hostPathVolumes, hostPorts, addedCapabilities, unconfined];

const volumeTypes: Check = (spec) => {
  const allowed = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];
  const offending = (spec.volumes ?? []).flatMap((volume) =>
    Object.keys(volume)
      .filter((key) => key !== "name" && !allowed.includes(key))
      .map((type) => ({ name: volume.name, type })),
  );
  if (offending.length === 0) return undefined;
  const volumes = offending.map(({ name }) => `"${name}"`).join(", ");
  const types = [...new Set(offending.map(({ type }) => `"${type}"`))].join(", ");
  return `restricted volume types (volume${offending.length > 1 ? "s" : ""} ${volumes} use${offending.length > 1 ? "" : "s"} restricted volume type ${types})`;
};

const privilegeEscalation: Check = (_, containers) => {
  const named = names(containers.filter((container) => container.securityContext?.allowPrivilegeEscalation !== false));
  return named && `allowPrivilegeEscalation != false (${named} must set securityContext.allowPrivilegeEscalation=false)`;
};

const droppedCapabilities: Check = (_, containers) => {
  const capabilities = (container: Container) => container.securityContext?.capabilities;
  const undropped = containers.filter((container) => !capabilities(container)?.drop?.includes("ALL"));
  const adding = containers.filter((container) => capabilities(container)?.add?.some((name) => name !== "NET_BIND_SERVICE"));
  const added = adding.flatMap((container) => capabilities(container)?.add?.filter((name) => name !== "NET_BIND_SERVICE") ?? []);
  const texts = [
    undropped.length > 0 && `${names(undropped)} must set securityContext.capabilities.drop=["ALL"]`,
    adding.length > 0 &&
      `${names(adding)} must not include ${added.map((name) => `"${name}"`).join(", ")} in securityContext.capabilities.add`,
  ].filter(Boolean);
  return texts.length > 0 ? `unrestricted capabilities (${texts.join("; ")})` : undefined;
};

const runAsNonRoot: Check = (spec, containers) => {
  const explicit = containers.filter((container) => container.securityContext?.runAsNonRoot === false);
  if (explicit.length > 0) return `runAsNonRoot != true (${names(explicit)} must not set securityContext.runAsNonRoot=false)`;
  if (spec.securityContext?.runAsNonRoot === true) return undefined;
  const unset = containers.filter((container) => container.securityContext?.runAsNonRoot !== true);
  return unset.length > 0 ? `runAsNonRoot != true (pod or ${names(unset)} must set securityContext.runAsNonRoot=true)` : undefined;
};

const runAsUser: Check = (spec, containers) => {
  const named = names(containers.filter((container) => container.securityContext?.runAsUser === 0));
  if (spec.securityContext?.runAsUser === 0) return `runAsUser=0 (${named ? `pod and ${named}` : "pod"} must not set runAsUser=0)`;
  return named && `runAsUser=0 (${named} must not set runAsUser=0)`;
};

const seccomp: Check = (spec, containers) => {
  const open = unconfined(spec, containers);
  if (open) return open;
  const accepted = ["RuntimeDefault", "Localhost"];
  if (accepted.includes(spec.securityContext?.seccompProfile?.type ?? "")) return undefined;
  const unset = containers.filter((container) => !accepted.includes(container.securityContext?.seccompProfile?.type ?? ""));
  return unset.length > 0
    ? `seccompProfile (pod or ${names(unset)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")`
    : undefined;
};

/** Of the baseline, what the restricted level says in its own words. */
const narrowed: Check[] = [addedCapabilities, unconfined];
const restricted: Check[] = [volumeTypes, privilegeEscalation, droppedCapabilities, runAsNonRoot, runAsUser, seccomp];

function names(containers: Container[]): string | undefined {
  if (containers.length === 0) return undefined;
  const quoted = containers.map((container) => `"${container.name}"`).join(", ");
  return `container${containers.length > 1 ? "s" : ""} ${quoted}`;
}
