import { kindRules, ruleFor } from "../api/kinds.ts";
import type { Registry } from "../api/registry.ts";
import type { Resource } from "../objects/resource.ts";
import { type Controller, startController } from "./controller.ts";

/** Gives each namespace its `default` service account, and empties one that is being deleted before it goes. */
export function startNamespaces(registry: Registry): Controller {
  return startController(
    registry,
    "namespace",
    ({ object, rule, type }) => {
      if (rule.kind === "Namespace" && type !== "DELETED") return [object.metadata.name];
      const { namespace } = object.metadata;
      return type === "DELETED" && namespace && isTerminating(registry, namespace) ? [namespace] : [];
    },
    () => registry.list<Resource>("Namespace").map((namespace) => namespace.metadata.name),
    (name) => reconcile(registry, name),
  );
}

function isTerminating(registry: Registry, name: string): boolean {
  return registry.find("Namespace", undefined, name)?.metadata.deletionTimestamp !== undefined;
}

function reconcile(registry: Registry, name: string): void {
  const namespace = registry.find("Namespace", undefined, name);
  if (!namespace) return;
  if (namespace.metadata.deletionTimestamp) empty(registry, namespace, name);
  else ensureServiceAccount(registry, name);
}

function empty(registry: Registry, namespace: Resource, name: string): void {
  const contents = () =>
    kindRules.filter((rule) => rule.namespaced).flatMap((rule) => registry.store.values(rule, name).map((object) => ({ rule, object })));
  for (const { rule, object } of contents()) {
    if (!object.metadata.deletionTimestamp) registry.delete(rule, name, object.metadata.name);
  }
  if (contents().length > 0) return;
  registry.change("Namespace", namespace, (draft) => {
    draft.spec = { finalizers: [] };
  });
}

export function ensureServiceAccount(registry: Registry, namespace: string): void {
  if (registry.store.find(ruleFor("ServiceAccount"), namespace, "default")) return;
  registry.create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace } });
}
