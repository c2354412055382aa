import type { Draft, Resource } from "../../objects/resource.ts";
import type { Pod, Service } from "../../objects/workloads.ts";
import { type KindRule, ruleFor } from "../kinds.ts";
import { forbidden, invalid, notFound, type StatusError } from "../status-error.ts";
import type { Store } from "../store.ts";
import { setDefaults } from "./defaults.ts";
import { immutabilityErrors } from "./immutability.ts";
import { completeMetadata, labelErrors, nameErrors } from "./names.ts";
import { type SecurityLevel, securityViolations } from "./pod-security.ts";
import { checkQuotas } from "./quota.ts";
import { checkSecretData } from "./secret-data.ts";
import { specErrors } from "./validation.ts";

/** Makes a whole object of what was handed in, or throws the StatusError that a real API server would answer with. */
export function admitNew(store: Store, rule: KindRule, draft: Draft, namespace: string | undefined): Resource {
  const copy = structuredClone(draft);
  if (copy.kind === "Secret") checkSecretData(copy as Resource);
  copy.metadata = completeMetadata(rule, copy, namespace);
  if (rule.namespaced) checkNamespace(store, rule, copy.metadata.name as string, namespace as string);
  if (rule.status) delete copy.status;
  setDefaults(copy);
  const object = copy as Resource;
  if (object.kind === "Service") giveClusterIP(store, object as Service);
  refuseInvalid(rule, object, [...nameErrors(rule, object.metadata.name), ...labelErrors(object.metadata.labels), ...specErrors(object)]);
  if (object.kind === "Pod") {
    checkServiceAccount(store, rule, object as Pod, draft.metadata.name || draft.metadata.generateName || "");
    checkPodSecurity(store, rule, object as Pod);
  }
  if (rule.namespaced) checkQuotas(store, rule, object);
  return object;
}

/** An address that no other Service has; it is only a name here, as nothing routes it. */
function giveClusterIP(store: Store, service: Service): void {
  const taken = new Set((store.values(ruleFor("Service")) as Service[]).map((each) => each.spec.clusterIP));
  let number = taken.size + 10;
  while (!service.spec.clusterIP) {
    const address = `10.96.${Math.floor(number / 250)}.${(number % 250) + 1}`;
    if (!taken.has(address)) service.spec.clusterIP = address;
    number += 1;
  }
  Object.assign(service.spec, { clusterIPs: [service.spec.clusterIP] });
}

export function admitChange(rule: KindRule, before: Resource, after: Resource): void {
  if (after.kind === "HTTPRoute" || after.kind === "Deployment") {
    const { status } = after;
    setDefaults(after);
    after.status = status;
  }
  if (after.kind === "Secret") checkSecretData(after);
  if (after.kind === "Secret" && after.stringData) setDefaults(after);
  refuseInvalid(rule, after, [...labelErrors(after.metadata.labels), ...immutabilityErrors(before, after), ...specErrors(after)]);
}

function refuseInvalid(rule: KindRule, object: Resource, errors: Parameters<typeof invalid>[2]): void {
  if (errors.length > 0) throw invalid(rule, object.metadata.name, errors);
}

function checkNamespace(store: Store, rule: KindRule, name: string, namespace: string): void {
  const found = store.find(ruleFor("Namespace"), undefined, namespace);
  if (!found) throw notFound(ruleFor("Namespace"), namespace);
  if (!found.metadata.deletionTimestamp) return;
  throw namespaceTerminating(rule, name, namespace);
}

function namespaceTerminating(rule: KindRule, name: string, namespace: string): StatusError {
  return forbidden(rule, name, `unable to create new content in namespace ${namespace} because it is being terminated`, [
    { reason: "NamespaceTerminating", message: `namespace ${namespace} is being terminated`, field: "metadata.namespace" },
  ]);
}

/** `name`: as it was given, for a generated one is not made yet when a real API server looks at the account. */
function checkServiceAccount(store: Store, rule: KindRule, pod: Pod, name: string): void {
  const { namespace } = pod.metadata;
  const account = pod.spec.serviceAccountName as string;
  if (store.find(ruleFor("ServiceAccount"), namespace, account)) return;
  throw forbidden(rule, name, `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`);
}

function checkPodSecurity(store: Store, rule: KindRule, pod: Pod): void {
  const labels = store.find(ruleFor("Namespace"), undefined, pod.metadata.namespace as string)?.metadata.labels;
  const level = labels?.["pod-security.kubernetes.io/enforce"] as SecurityLevel | undefined;
  if (!level) return;
  const violations = securityViolations(pod.spec, level);
  if (violations.length === 0) return;
  const version = labels?.["pod-security.kubernetes.io/enforce-version"] ?? "latest";
  throw forbidden(rule, pod.metadata.name, `violates PodSecurity "${level}:${version}": ${violations.join(", ")}`);
}
