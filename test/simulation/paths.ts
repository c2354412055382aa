import type { RolloutPolicy } from "../../domain/specification.ts";
import type { Client } from "./client.ts";
import type { Stumble } from "./stumble.ts";
import type { Character, Pace } from "./world.ts";

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
  pace?: Partial<Pace>;
  stumble?: Stumble;
  /** It is run without faults, and no more. */
  isOnlyPlain?: boolean;
}

/** Where nothing was asked for yet; what serves revision 1; revision 2 beside a warm 1; revision 3 beside a warm 2. */
export type Origin = "nothing" | "serving" | "warm" | "third";

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
const remove: Script = whole((client) => client.delete());
const abort: Script = async (client) => {
  await client.abort();
  await client.pause(90);
};

const startSuperseded: Script = async (client) => {
  await client.create();
  await client.reached("AwaitReady");
  await supersede(client);
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

/** More callers come while the operation is at a step; then it goes on as it would. */
const grownAt = (step: string, policy: Partial<RolloutPolicy>, then: Script = async () => {}): Script => {
  return async (client) => {
    await client.update(update(policy));
    await client.reached(step);
    await client.grow(4);
    await then(client);
    await client.ended();
  };
};
const grown: Path[] = [
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

export const paths: Path[] = [
  ...grown,
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
    name: "UPDATE canary promoted by hand",
    from: "serving",
    script: async (client) => {
      await client.update(update({ ...policies.canary, manual_promotion: true }));
      await client.reached("Bake");
      await client.pause(6);
      await client.promote();
      await client.ended();
    },
    interruption: rollBack,
  },
  {
    name: "UPDATE that nobody promotes",
    from: "serving",
    script: whole((client) => client.update(update(policies.byHand))),
    interruption: supersede,
    pace: { watch: 100 },
  },
  {
    name: "UPDATE canary that nobody promotes",
    from: "serving",
    script: whole((client) => client.update(update({ ...policies.canary, manual_promotion: true }))),
    interruption: stopAndStart,
    pace: { watch: 100 },
  },
  {
    name: "UPDATE that is never ready",
    from: "serving",
    script: whole((client) => client.update(update(policies.allAtOnce))),
    interruption: rollBack,
    characters: { 2: { fate: "is being pulled" } },
  },
  {
    name: "UPDATE that is ready late",
    from: "serving",
    script: whole((client) => client.update(update(policies.allAtOnce))),
    interruption: abortAndUpdate,
    pace: { ready: 40, watch: 30 },
  },
  {
    name: "UPDATE recreate of what leaves late",
    from: "serving",
    script: whole((client) => client.update(update(policies.recreate))),
    interruption: abortAndStart,
    pace: { leave: 90 },
  },
  {
    name: "UPDATE recreate that crashes",
    from: "serving",
    script: whole((client) => client.update(update(policies.recreate))),
    interruption: abortAndStart,
    characters: { 2: { fate: "crashes" } },
  },
  {
    name: "UPDATE to a gateway that refuses the route",
    from: "serving",
    script: whole((client) => client.update(update(policies.allAtOnce))),
    interruption: supersede,
    pace: { refuse: 120 },
  },
  {
    name: "ROLLBACK to a gateway that refuses the route",
    from: "warm",
    script: rollBack,
    interruption: abort,
    pace: { refuse: 120 },
  },
  {
    name: "ROLLBACK to a gateway that refuses the route at first",
    from: "warm",
    script: rollBack,
    interruption: stop,
    pace: { refuse: 15 },
  },
  { name: "START of what was stopped", from: "serving", script: stopAndStart, interruption: abortAndStart },
  {
    name: "UPDATE of what is stopped",
    from: "serving",
    script: async (client) => {
      await stop(client);
      await client.update(update(policies.canary));
      await client.start();
      await client.ended();
    },
    interruption: remove,
  },
  { name: "START superseded", from: "nothing", script: startSuperseded, interruption: remove },
  {
    name: "UPDATE superseded",
    from: "serving",
    script: async (client) => {
      await client.update(update(policies.canary));
      await client.reached("Bake");
      await supersede(client);
    },
    interruption: rollBack,
  },
  {
    name: "RESTART aborted",
    from: "serving",
    script: async (client) => {
      await client.restart();
      await client.reached("ShiftTraffic");
      await abort(client);
    },
    interruption: rollBack,
  },
  {
    name: "RESTART in the place of an UPDATE that has a part of the traffic",
    from: "serving",
    script: async (client) => {
      await client.update(update(policies.canary));
      await client.reached("Bake");
      await whole((each) => each.restart())(client);
    },
    interruption: rollBack,
  },
  {
    name: "RESTART in the place of a START",
    from: "nothing",
    script: async (client) => {
      await client.create();
      await client.reached("AwaitReady");
      await whole((each) => each.restart())(client);
    },
    interruption: stop,
  },
  {
    name: "RESTART that crashes",
    from: "serving",
    script: whole((client) => client.restart()),
    interruption: supersede,
    characters: { 1: { fate: "crashes" } },
  },
  {
    name: "ROLLBACK to a revision that is two behind",
    from: "third",
    script: whole((client) => client.rollBack({ revision: 1 })),
    interruption: rollBack,
  },
  {
    name: "ROLLBACK to the warm revision by its number",
    from: "third",
    script: whole((client) => client.rollBack({ revision: 2 })),
    interruption: remove,
  },
  {
    name: "ROLLBACK to what an UPDATE has just moved to",
    from: "serving",
    script: async (client) => {
      await client.update(update({ ...policies.allAtOnce, warm_seconds: 0 }));
      await client.reached("RetireSlot");
      await client.pause(0.004);
      await client.rollBack({ revision: 2 });
      await client.ended();
    },
    interruption: abortAndUpdate,
  },
  {
    name: "ROLLBACK during a SMOKE_TEST",
    from: "warm",
    script: async (client) => {
      await client.test();
      await client.reached("ProbeServer");
      await rollBack(client);
    },
    interruption: supersede,
  },
  {
    name: "ROLLBACK during a START",
    from: "serving",
    script: async (client) => {
      await stop(client);
      await client.start();
      await client.reached("AwaitReady");
      await rollBack(client);
      await client.ended();
    },
    interruption: supersede,
  },
  { name: "DELETE beside a warm slot", from: "warm", script: remove, interruption: abortAndUpdate },
  {
    name: "DELETE during an UPDATE",
    from: "serving",
    script: async (client) => {
      await client.update(update(policies.canary));
      await client.reached("Bake");
      await remove(client);
    },
    interruption: abort,
  },
  {
    name: "DELETE of what is stopped",
    from: "serving",
    script: async (client) => {
      await stop(client);
      await remove(client);
    },
    interruption: abort,
  },
  { name: "STOP of what leaves late", from: "serving", script: stop, interruption: abortAndStart, pace: { leave: 90 } },
  { name: "STOP of what does not leave in time", from: "serving", script: stop, interruption: remove, pace: { leave: 700 } },
  { name: "SMOKE_TEST of what serves", from: "serving", script: whole((client) => client.test()), interruption: supersede },
  {
    name: "SMOKE_TEST that fails",
    from: "serving",
    script: whole((client) => client.test()),
    interruption: stop,
    characters: { 1: { failsSmokeTests: true } },
  },
  {
    name: "warm slot whose time ends",
    from: "warm",
    script: (client) => client.pause(200),
    interruption: rollBack,
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
  third: {
    from: "warm",
    script: whole((client) => client.update({ ...update({ ...policies.warm, warm_seconds: 180 }), ...predictor("most") })),
  },
};
