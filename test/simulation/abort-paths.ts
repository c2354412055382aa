import type { RolloutPolicy } from "../../domain/specification.ts";
import type { Path } from "./path.ts";
import { abort, amid, policies, supersede, update } from "./scripts.ts";

const abortedAt = (step: string, policy: Partial<RolloutPolicy>): Path => ({
  name: `abort at ${step}`,
  from: "serving",
  script: amid(step, policy, abort),
  interruption: supersede,
});

export const abortPaths: Path[] = [
  ...["Prepare", "ProvisionSlot", "AwaitReady", "ShiftTraffic", "Bake"].map((step) => abortedAt(step, policies.canary)),
  { ...abortedAt("RetireSlot", policies.allAtOnce), name: "abort at RetireSlot" },
  { ...abortedAt("TakeRouteAway", policies.recreate), name: "abort at TakeRouteAway of a recreate" },
  { ...abortedAt("RetireSlot", policies.recreate), name: "abort at RetireSlot of a recreate" },
  {
    name: "abort while what served has lost an instance",
    from: "serving",
    script: async (client) => {
      await client.update(update(policies.judgedWhole));
      await client.reached("Bake");
      const lost = client.lose(1, 400);
      await client.abort();
      await lost;
    },
    interruption: supersede,
  },
];
