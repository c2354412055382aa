import type { Revision } from "../../domain/deployment.ts";
import { relaxScaling } from "../../domain/manifests/scaler.ts";
import { workloadName } from "../../domain/names.ts";
import { components } from "../../domain/words.ts";
import type { Step } from "./step.ts";

/** The revision serves: its size is its own to find from now on. The same patch twice is the same as once. */
export async function relax({ cluster, head, operation }: Step, { specification }: Revision): Promise<void> {
  for (const component of components) {
    const scaling = specification[component]?.scaling_config;
    if (!scaling) continue;
    const name = workloadName(head, component, operation.revision, head.epoch);
    await cluster.patch("HorizontalPodAutoscaler", head.place.namespace, name, relaxScaling(scaling));
  }
}
