import type { Path } from "./path.ts";
import {
  abort,
  abortAndStart,
  abortAndUpdate,
  amid,
  policies,
  remove,
  rollBack,
  stop,
  stopAndStart,
  supersede,
  update,
  updated,
} from "./scripts.ts";

export const updatePaths: Path[] = [
  {
    name: "UPDATE all at once",
    from: "serving",
    script: updated(policies.allAtOnce),
    interruption: abortAndUpdate,
  },
  {
    name: "UPDATE all at once, stopped meanwhile",
    from: "serving",
    script: updated(policies.allAtOnce),
    interruption: stopAndStart,
  },
  { name: "UPDATE canary", from: "serving", script: updated(policies.canary), interruption: rollBack },
  {
    name: "UPDATE canary beside a warm slot",
    from: "warm",
    script: updated(policies.canary),
    interruption: abort,
  },
  { name: "UPDATE linear", from: "serving", script: updated(policies.linear), interruption: supersede },
  {
    name: "UPDATE recreate",
    from: "serving",
    script: updated(policies.recreate),
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
    script: updated(policies.allAtOnce),
    interruption: rollBack,
    lag: 1_000,
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
    name: "UPDATE to an image that cannot be pulled",
    from: "serving",
    script: updated(policies.allAtOnce),
    interruption: rollBack,
    characters: { 2: { fate: "image cannot be pulled" } },
  },
  {
    name: "UPDATE to a server that crashes",
    from: "serving",
    script: updated(policies.canary),
    interruption: abort,
    characters: { 2: { fate: "crashes" } },
  },
  {
    name: "UPDATE that fails its smoke test",
    from: "serving",
    script: updated(policies.allAtOnce),
    interruption: supersede,
    characters: { 2: { failsSmokeTests: true } },
  },
  {
    name: "UPDATE that errs under part of the load",
    from: "serving",
    script: updated(policies.judged),
    interruption: abortAndUpdate,
    characters: { 2: { failsUnderLoad: true } },
  },
  {
    name: "UPDATE that errs under all of the load",
    from: "serving",
    script: updated(policies.judgedWhole),
    interruption: rollBack,
    characters: { 2: { failsUnderLoad: true } },
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
    script: updated(policies.byHand),
    interruption: supersede,
    pace: { watch: 100 },
  },
  {
    name: "UPDATE canary that nobody promotes",
    from: "serving",
    script: updated({ ...policies.canary, manual_promotion: true }),
    interruption: stopAndStart,
    pace: { watch: 100 },
  },
  {
    name: "UPDATE that is never ready",
    from: "serving",
    script: updated(policies.allAtOnce),
    interruption: rollBack,
    characters: { 2: { fate: "is being pulled" } },
  },
  {
    name: "UPDATE that is ready late",
    from: "serving",
    script: updated(policies.allAtOnce),
    interruption: abortAndUpdate,
    pace: { ready: 40, watch: 30 },
  },
  {
    name: "UPDATE recreate of what leaves late",
    from: "serving",
    script: updated(policies.recreate),
    interruption: abortAndStart,
    pace: { leave: 90 },
  },
  {
    name: "UPDATE recreate that crashes",
    from: "serving",
    script: updated(policies.recreate),
    interruption: abortAndStart,
    characters: { 2: { fate: "crashes" } },
  },
  {
    name: "UPDATE to a gateway that refuses the route",
    from: "serving",
    script: updated(policies.allAtOnce),
    interruption: supersede,
    pace: { refuse: 120 },
  },
  {
    name: "UPDATE while the API server is away for a moment",
    from: "serving",
    script: amid("AwaitReady", policies.allAtOnce, async (client) => {
      await client.loseApiServer(3);
      await client.ended();
    }),
    interruption: rollBack,
    pace: { ready: 4 },
  },
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
  {
    name: "UPDATE superseded",
    from: "serving",
    script: amid("Bake", policies.canary, supersede),
    interruption: rollBack,
  },
];
