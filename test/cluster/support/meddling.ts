import { serviceAccount } from "../../../domain/names.ts";
import { api } from "../target.ts";
import type { Any } from "./api-client.ts";
import type { Product } from "./product.ts";

/** What somebody else does in the middle of an operation: once, when that function is about to run for the first time. */
export interface Meddling {
  before: string;
  act(product: Product): Promise<void>;
}

const atMost = async (product: Product, hard: Record<string, string>): Promise<void> => {
  const { quotas } = product.paths;
  await api.patch(`${quotas}/group`, { spec: { hard } });
  const isCounted = ({ status }: Any) => Object.entries(hard).every(([name, most]) => status?.hard?.[name] === most);
  await api.until(quotas, "group", isCounted);
};

/** Its route asks for a listener that the Gateway has not got. */
async function detach({ paths }: Product): Promise<void> {
  for (const { metadata, spec } of (await api.get(paths.routes)).body.items) {
    const parentRefs = spec.parentRefs.map((each: Any) => ({ ...each, sectionName: "absent" }));
    await api.patch(`${paths.routes}/${metadata.name}`, { spec: { parentRefs } });
  }
}

export const meddling = {
  quotaLowered: { before: "ProvisionSlot", act: (product) => atMost(product, { pods: "0" }) },
  deploymentsForbidden: { before: "ProvisionSlot", act: (product) => atMost(product, { "count/deployments.apps": "0" }) },
  serviceAccountRemoved: {
    before: "ProvisionSlot",
    act: ({ paths }) => api.delete(`${paths.serviceAccounts}/${serviceAccount}`).then(() => undefined),
  },
  /** With the instances that have read it: their successors cannot. */
  secretRemoved: {
    before: "AwaitReady",
    act: async ({ paths }) => {
      const first = await api.untilAny(paths.pods, () => true);
      for (const { metadata } of (await api.get(paths.secrets)).body.items) await api.delete(`${paths.secrets}/${metadata.name}`);
      await api.delete(`${paths.pods}/${first.metadata.name}`);
      await api.untilGone(`${paths.pods}/${first.metadata.name}`);
    },
  },
  routeDetached: { before: "ShiftTraffic", act: detach },
} satisfies Record<string, Meddling>;

/** From now on the product is meddled with. */
export function meddleWith(product: Product, { before, act }: Meddling): void {
  let isDone = false;
  product.before = async (name) => {
    if (isDone || name !== before) return;
    isDone = true;
    await act(product);
  };
}
