import { isDeepStrictEqual } from "node:util";
import { type ResourceQuota, usedAmounts } from "../api/admission/quota.ts";
import type { Registry } from "../api/registry.ts";
import { formatQuantity } from "../objects/quantity.ts";
import { keyOf } from "../objects/resource.ts";
import { type Controller, startController } from "./controller.ts";
import { splitKey } from "./work-queue.ts";

/** Shows in each ResourceQuota what is in use of it. */
export function startQuotaStatus(registry: Registry): Controller {
  return startController(
    registry,
    "ResourceQuota",
    ({ object, rule }) => {
      if (rule.kind === "ResourceQuota") return [keyOf(object)];
      if (rule.kind === "Event" || !rule.namespaced) return [];
      return registry.list<ResourceQuota>("ResourceQuota", object.metadata.namespace).map(keyOf);
    },
    () => registry.list<ResourceQuota>("ResourceQuota").map(keyOf),
    (key) => {
      const [namespace, name] = splitKey(key);
      const quota = registry.find<ResourceQuota>("ResourceQuota", namespace, name);
      if (!quota) return;
      const hard = quota.spec.hard ?? {};
      const amounts = usedAmounts(registry.store, namespace, Object.keys(hard));
      const used = Object.fromEntries(Object.entries(amounts).map(([resource, amount]) => [resource, formatQuantity(resource, amount)]));
      registry.change<ResourceQuota>(
        "ResourceQuota",
        quota,
        (draft) => {
          if (!isDeepStrictEqual(draft.status, { hard, used })) draft.status = { hard, used };
        },
        "status",
      );
    },
  );
}
