import type { RolloutPolicy } from "../../domain/specification.ts";
import type { Client } from "./client.ts";
import type { Character } from "./world.ts";

export type Script = (client: Client) => Promise<void>;

/** A way through the product: from where it begins, what somebody asks for, and what they do if they lose patience. */
export interface Path {
  name: string;
  from: Origin;
  script: Script;
  /** What is asked for while an executor stands still. */
  interruption: Script;
  /** Of what the revisions turn out to be. */
  characters?: Record<number, Character>;
  lag?: number;
}

/** Where nothing was asked for yet; what serves revision 1; what serves revision 2 beside a warm revision 1. */
export type Origin = "nothing" | "serving" | "warm";

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
const whole =
  (begin: (client: Client) => Promise<unknown>): Script =>
  async (client) => {
    await begin(client);
    await client.ended();
  };

const abortAndStart: Script = async (client) => {
  await client.abort();
  await client.start();
  await client.ended();
};
const abortAndUpdate: Script = async (client) => {
  await client.abort();
  await client.update({ description: "again", ...predictor("most") });
  await client.ended();
};
const supersede: Script = whole((client) => client.update({ description: "newer", ...predictor("most") }, true));
const rollBack: Script = whole((client) => client.rollBack());
const stop: Script = whole((client) => client.stop());
const stopAndStart: Script = async (client) => {
  await stop(client);
  await client.start();
  await client.ended();
};
const abort: Script = async (client) => {
  await client.abort();
  await client.pause(90);
};

const abortedAt = (step: string, policy: Partial<RolloutPolicy>): Path => ({
  name: `abort at ${step}`,
  from: "serving",
  script: async (client) => {
    await client.update(update(policy));
    await client.reached(step);
    await client.abort();
    await client.pause(90);
  },
  interruption: supersede,
});

export const paths: Path[] = [
  { name: "START", from: "nothing", script: whole((client) => client.create()), interruption: abortAndStart },
  {
    name: "START of an image that cannot be pulled",
    from: "nothing",
    script: whole((client) => client.create()),
    interruption: abortAndStart,
    characters: { 1: { fate: "image cannot be pulled" } },
  },
  {
    name: "UPDATE all at once",
    from: "serving",
    script: whole((client) => client.update(update(policies.allAtOnce))),
    interruption: abortAndUpdate,
  },
  {
    name: "UPDATE all at once, stopped meanwhile",
    from: "serving",
    script: whole((client) => client.update(update(policies.allAtOnce))),
    interruption: stopAndStart,
  },
  { name: "UPDATE canary", from: "serving", script: whole((client) => client.update(update(policies.canary))), interruption: rollBack },
  {
    name: "UPDATE canary beside a warm slot",
    from: "warm",
    script: whole((client) => client.update(update(policies.canary))),
    interruption: abort,
  },
  { name: "UPDATE linear", from: "serving", script: whole((client) => client.update(update(policies.linear))), interruption: supersede },
  {
    name: "UPDATE recreate",
    from: "serving",
    script: whole((client) => client.update(update(policies.recreate))),
    interruption: abortAndUpdate,
  },
  {
    name: "UPDATE promoted by hand",
    from: "serving",
    script: async (client) => {
      await client.update(update(policies.byHand));
      await client.reached("Bake");
      await client.pause(2);
      await client.promote();
      await client.ended();
    },
    interruption: abortAndUpdate,
  },
  {
    name: "UPDATE to a gateway that lags",
    from: "serving",
    script: whole((client) => client.update(update(policies.allAtOnce))),
    interruption: rollBack,
    lag: 1_000,
  },
  { name: "RESTART", from: "serving", script: whole((client) => client.restart()), interruption: abortAndUpdate },
  { name: "ROLLBACK to what is warm", from: "warm", script: rollBack, interruption: abortAndUpdate },
  { name: "ROLLBACK to what is warm, aborted", from: "warm", script: rollBack, interruption: abort },
  {
    name: "ROLLBACK to what is warm and too small",
    from: "warm",
    script: async (client) => {
      await client.grow(4);
      await rollBack(client);
    },
    interruption: abort,
  },
  {
    name: "UPDATE and RESTART at the same moment",
    from: "serving",
    script: async (client) => {
      await client.both(
        (one) => one.update(update(policies.allAtOnce)),
        (other) => other.restart(),
      );
      await client.ended();
    },
    interruption: supersede,
  },
  {
    name: "ROLLBACK to what is gone",
    from: "warm",
    script: async (client) => {
      await client.pause(240);
      await rollBack(client);
    },
    interruption: supersede,
  },
  { name: "STOP", from: "serving", script: stop, interruption: abortAndStart },
  { name: "STOP beside a warm slot", from: "warm", script: stop, interruption: abortAndUpdate },
  { name: "DELETE", from: "serving", script: whole((client) => client.delete()), interruption: abortAndStart },
  {
    name: "UPDATE to an image that cannot be pulled",
    from: "serving",
    script: whole((client) => client.update(update(policies.allAtOnce))),
    interruption: rollBack,
    characters: { 2: { fate: "image cannot be pulled" } },
  },
  {
    name: "UPDATE to a server that crashes",
    from: "serving",
    script: whole((client) => client.update(update(policies.canary))),
    interruption: abort,
    characters: { 2: { fate: "crashes" } },
  },
  {
    name: "UPDATE that fails its smoke test",
    from: "serving",
    script: whole((client) => client.update(update(policies.allAtOnce))),
    interruption: supersede,
    characters: { 2: { failsSmokeTests: true } },
  },
  {
    name: "UPDATE that errs under part of the load",
    from: "serving",
    script: whole((client) => client.update(update(policies.judged))),
    interruption: abortAndUpdate,
    characters: { 2: { failsUnderLoad: true } },
  },
  {
    name: "UPDATE that errs under all of the load",
    from: "serving",
    script: whole((client) => client.update(update(policies.judgedWhole))),
    interruption: rollBack,
    characters: { 2: { failsUnderLoad: true } },
  },
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
  {
    name: "STOP during an UPDATE",
    from: "serving",
    script: async (client) => {
      await client.update(update(policies.canary));
      await client.reached("Bake");
      await stop(client);
    },
    interruption: abortAndUpdate,
  },
  {
    name: "ROLLBACK during an UPDATE",
    from: "serving",
    script: async (client) => {
      await client.update(update(policies.canary));
      await client.reached("Bake");
      await rollBack(client);
    },
    interruption: supersede,
  },
];

/** How the places come to be that paths begin at. */
export const origins: Record<Exclude<Origin, "nothing">, { from: Origin; script: Script }> = {
  serving: { from: "nothing", script: whole((client) => client.create()) },
  warm: { from: "serving", script: whole((client) => client.update(update({ ...policies.warm, warm_seconds: 180 }))) },
};
