import { podAmounts } from "../../objects/pod-resources.ts";
import { type Amounts, formatQuantity, parseAmounts } from "../../objects/quantity.ts";
import type { Resource } from "../../objects/resource.ts";
import { isTerminal, type Pod } from "../../objects/workloads.ts";
import { type KindRule, ruleFor } from "../kinds.ts";
import { forbidden } from "../status-error.ts";
import type { Store } from "../store.ts";

export interface ResourceQuota extends Resource {
  spec: { hard?: Record<string, string> };
  status?: { hard?: Record<string, string>; used?: Record<string, string> };
}

/** Throws Forbidden when a new object would exceed a quota of its namespace. */
export function checkQuotas(store: Store, rule: KindRule, object: Resource): void {
  for (const quota of store.values(ruleFor("ResourceQuota"), object.metadata.namespace) as ResourceQuota[]) {
    const hard = parseAmounts(quota.spec.hard);
    if (object.kind === "Pod") checkRequired(rule, object as Pod, quota.metadata.name, Object.keys(hard));
    const requested = usageOf(rule, object);
    const used = usedAmounts(store, object.metadata.namespace as string, Object.keys(hard));
    const exceeded = Object.keys(requested)
      .filter((name) => requested[name] && hard[name] !== undefined && (used[name] ?? 0) + (requested[name] ?? 0) > hard[name])
      .sort();
    if (exceeded.length === 0) continue;
    const list = (amounts: Amounts) => exceeded.map((name) => `${name}=${formatQuantity(name, amounts[name] ?? 0)}`).join(",");
    const limited = exceeded.map((name) => `${name}=${quota.spec.hard?.[name]}`).join(",");
    const why = `exceeded quota: ${quota.metadata.name}, requested: ${list(requested)}, used: ${list(used)}, limited: ${limited}`;
    throw forbidden(rule, object.metadata.name, why);
  }
}

const mustBeNamed = ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];

/** A quota on cpu or memory makes naming them compulsory for every container. */
function checkRequired(rule: KindRule, pod: Pod, quota: string, hard: string[]): void {
  const missing = hard
    .filter((name) => mustBeNamed.includes(name))
    .sort()
    .map((name) => {
      const [list, resource] = name.includes(".") ? (name.split(".") as ["requests" | "limits", string]) : (["requests", name] as const);
      const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
      const without = all.filter((container) => container.resources?.[list]?.[resource] === undefined);
      return without.length > 0
        ? `${name} for: ${without
            .map((container) => container.name)
            .sort()
            .join(",")}`
        : undefined;
    })
    .filter((text) => text !== undefined);
  if (missing.length > 0) throw forbidden(rule, pod.metadata.name, `failed quota: ${quota}: must specify ${missing.join("; ")}`);
}

/** What is in use of the named resources in a namespace. */
export function usedAmounts(store: Store, namespace: string, names: string[]): Amounts {
  const rules = [
    "Pod",
    "Service",
    "Secret",
    "ConfigMap",
    "ServiceAccount",
    "Deployment",
    "ReplicaSet",
    "HorizontalPodAutoscaler",
    "HTTPRoute",
  ];
  if (names.length === 0) return {};
  const sums = new Map(names.map((name) => [name, 0]));
  for (const rule of rules.map(ruleFor)) {
    for (const object of store.values(rule, namespace)) {
      const usage = usageOf(rule, object);
      for (const name of names) sums.set(name, (sums.get(name) ?? 0) + (usage[name] ?? 0));
    }
  }
  // Rounded as each of them is.
  return Object.fromEntries([...sums].map(([name, sum]) => [name, Math.round(sum * 1000) / 1000]));
}

/** Stored objects never change: of thousands of pods, those that are as they were need not be read again. */
const known = new WeakMap<Resource, Amounts>();

function usageOf(rule: KindRule, object: Resource): Amounts {
  const usage = known.get(object) ?? readUsage(rule, object);
  known.set(object, usage);
  return usage;
}

function readUsage(rule: KindRule, object: Resource): Amounts {
  const usage: Amounts = { [`count/${rule.group ? `${rule.plural}.${rule.group}` : rule.plural}`]: 1 };
  if (rule.group === "" && rule.kind !== "Pod") usage[rule.plural] = 1;
  if (object.kind !== "Pod" || isTerminal(object as Pod)) return usage;
  const { spec } = object as Pod;
  usage.pods = 1;
  for (const [name, amount] of Object.entries(podAmounts(spec, "requests"))) {
    usage[`requests.${name}`] = amount;
    if (!name.includes("/")) usage[name] = amount;
  }
  for (const [name, amount] of Object.entries(podAmounts(spec, "limits"))) usage[`limits.${name}`] = amount;
  return usage;
}
