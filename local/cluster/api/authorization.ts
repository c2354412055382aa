import type { Resource } from "../objects/resource.ts";
import { ruleFor } from "./kinds.ts";
import type { RequestInfo } from "./request-info.ts";
import { forbidden } from "./status-error.ts";
import type { Store } from "./store.ts";

export interface User {
  username: string;
  groups: string[];
}

/** What is asked: a verb on a resource (with `resource/subresource`), or on a path that is no resource. */
export type Attributes =
  | { verb: string; group: string; resource: string; namespace: string; name: string }
  | { verb: string; path: string };

export interface PolicyRule {
  verbs?: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}
interface Subject {
  kind: string;
  name: string;
  namespace?: string;
}
interface Binding extends Resource {
  subjects?: Subject[];
  roleRef: { kind: string; name: string };
}

/** RBAC over the stored roles and bindings; `system:masters` may do everything. */
export function isAllowed(store: Store, user: User, asked: Attributes): boolean {
  if (user.groups.includes("system:masters")) return true;
  return rulesOf(store, user, "path" in asked ? "" : asked.namespace).some((rule) => covers(rule, asked));
}

export function attributesOf(info: RequestInfo): Attributes {
  if (!info.isResource) return { verb: info.verb, path: info.path };
  const resource = info.subresource ? `${info.resource}/${info.subresource}` : info.resource;
  // A list or watch narrowed to one name is judged by that name, so that resourceNames can allow it.
  const named = /^metadata\.name==?([^,]+)$/.exec(info.url.searchParams.get("fieldSelector") ?? "");
  return { verb: info.verb, group: info.group, resource, namespace: info.namespace, name: info.name || (named?.[1] ?? "") };
}

export function authorize(store: Store, user: User, info: RequestInfo): void {
  const asked = attributesOf(info);
  if (isAllowed(store, user, asked)) return;
  if ("path" in asked) {
    throw forbidden({ group: "", plural: "" }, "", `User "${user.username}" cannot ${asked.verb} path "${asked.path}"`);
  }
  const where = asked.namespace ? `in the namespace "${asked.namespace}"` : "at the cluster scope";
  const why = `User "${user.username}" cannot ${asked.verb} resource "${asked.resource}" in API group "${asked.group}" ${where}`;
  throw forbidden({ group: info.group, plural: info.resource }, asked.name, why);
}

function* bindingsOf(store: Store, user: User, namespace: string): Generator<Binding> {
  const kinds = namespace ? (["ClusterRoleBinding", "RoleBinding"] as const) : (["ClusterRoleBinding"] as const);
  for (const kind of kinds) {
    for (const binding of store.values(ruleFor(kind), kind === "RoleBinding" ? namespace : undefined) as Binding[]) {
      if (binding.subjects?.some((subject) => isMeant(subject, user))) yield binding;
    }
  }
}

function rulesOf(store: Store, user: User, namespace: string): PolicyRule[] {
  return [...bindingsOf(store, user, namespace)].flatMap(({ roleRef, metadata }) => {
    const role = store.find(ruleFor(roleRef.kind), roleRef.kind === "Role" ? metadata.namespace : undefined, roleRef.name);
    return (role?.rules ?? []) as PolicyRule[];
  });
}

function isMeant(subject: Subject, user: User): boolean {
  if (subject.kind === "User") return subject.name === user.username;
  if (subject.kind === "Group") return user.groups.includes(subject.name);
  return user.username === `system:serviceaccount:${subject.namespace}:${subject.name}`;
}

function covers(rule: PolicyRule, asked: Attributes): boolean {
  if (!includes(rule.verbs, asked.verb)) return false;
  if ("path" in asked) return (rule.nonResourceURLs ?? []).some((pattern) => matchesPath(pattern, asked.path));
  const [, subresource] = asked.resource.split("/");
  const resources = rule.resources ?? [];
  return (
    includes(rule.apiGroups, asked.group) &&
    (includes(resources, asked.resource) || (subresource !== undefined && resources.includes(`*/${subresource}`))) &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(asked.name))
  );
}

function includes(list: string[] | undefined, value: string): boolean {
  return Boolean(list?.includes("*") || list?.includes(value));
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : pattern === path;
}
