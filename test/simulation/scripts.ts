import type { RolloutPolicy } from "../../domain/specification.ts";
import type { Client } from "./client.ts";
import type { Script } from "./path.ts";

export const predictor = (memory: string) => ({
  predictor: {
    env: [
      { name: "API_KEY", secret: true },
      { name: "MEMORY", value: memory },
    ],
  },
});
export const update = (policy: Partial<RolloutPolicy>, more: object = {}): Record<string, unknown> => ({
  ...predictor("more"),
  rollout: policy,
  ...more,
});

export const policies = {
  allAtOnce: { strategy: "all_at_once" },
  warm: { strategy: "all_at_once", warm_seconds: 120 },
  canary: { strategy: "canary", percent: 10, bake_seconds: 4, final_bake_seconds: 4, warm_seconds: 60 },
  linear: { strategy: "linear", step_percent: 40, bake_seconds: 2 },
  recreate: { strategy: "recreate" },
  byHand: { strategy: "all_at_once", manual_promotion: true, warm_seconds: 60 },
  judged: { strategy: "canary", percent: 50, bake_seconds: 40 },
  judgedWhole: { strategy: "all_at_once", final_bake_seconds: 40 },
} satisfies Record<string, Partial<RolloutPolicy>>;

/** Begins and waits for the end. */
export const whole =
  (begin: (client: Client) => Promise<unknown>): Script =>
  async (client) => {
    await begin(client);
    await client.ended();
  };

export const abortAndStart: Script = async (client) => {
  await client.abort();
  await client.start();
  await client.ended();
};
export const abortAndUpdate: Script = async (client) => {
  await client.abort();
  await client.update({ description: "again", ...predictor("most") });
  await client.ended();
};
export const supersede: Script = whole((client) => client.update({ description: "newer", ...predictor("most") }, true));
export const rollBack: Script = whole((client) => client.rollBack());
export const stop: Script = whole((client) => client.stop());
export const stopAndStart: Script = async (client) => {
  await stop(client);
  await client.start();
  await client.ended();
};
export const remove: Script = whole((client) => client.delete());
export const abort: Script = async (client) => {
  await client.abort();
  await client.pause(90);
};

/** An update by a policy, to its end. */
export const updated = (policy: Parameters<typeof update>[0]): Script => whole((client) => client.update(update(policy)));

/** Asks for something else while an update is at a step. */
export const amid =
  (step: string, policy: Partial<RolloutPolicy>, then: Script): Script =>
  async (client) => {
    await client.update(update(policy));
    await client.reached(step);
    await then(client);
  };
