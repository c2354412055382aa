import type { RolloutPolicy } from "../../domain/specification.ts";
import type { Path, Script } from "./path.ts";
import { abort, abortAndUpdate, amid, policies, rollBack, stop, supersede } from "./scripts.ts";

/** More callers come while the operation is at a step; then it goes on as it would. */
const grownAt = (step: string, policy: Partial<RolloutPolicy>, then: Script = async () => {}): Script =>
  amid(step, policy, async (client) => {
    await client.grow(4);
    await then(client);
    await client.ended();
  });

export const growthPaths: Path[] = [
  { name: "UPDATE while more callers come", from: "serving", script: grownAt("AwaitReady", policies.allAtOnce), interruption: rollBack },
  {
    name: "UPDATE promoted by hand after more callers have come",
    from: "serving",
    script: grownAt("Bake", policies.byHand, (client) => client.promote()),
    interruption: supersede,
  },
  {
    name: "UPDATE canary while more callers come",
    from: "serving",
    script: grownAt("Bake", { ...policies.canary, bake_seconds: 20 }),
    interruption: abort,
  },
  {
    name: "UPDATE linear while more callers come",
    from: "serving",
    script: grownAt("Bake", { ...policies.linear, bake_seconds: 20 }),
    interruption: abortAndUpdate,
    // While callers come and are shared out, two autoscalers that are large enough for their shares do not tell how many they are.
    isOnlyPlain: true,
  },
  {
    name: "UPDATE that errs under more load than it was made for",
    from: "serving",
    script: grownAt("Bake", policies.judgedWhole),
    interruption: stop,
    characters: { 2: { failsUnderLoad: true } },
  },
  {
    name: "abort after more callers have come",
    from: "serving",
    script: grownAt("Bake", policies.judgedWhole, abort),
    interruption: supersede,
  },
];
