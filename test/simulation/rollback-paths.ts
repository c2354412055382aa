import type { Path } from "./path.ts";
import { abort, abortAndUpdate, amid, policies, remove, rollBack, stop, supersede, update, whole } from "./scripts.ts";

export const rollbackPaths: Path[] = [
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
    name: "ROLLBACK to what is gone",
    from: "warm",
    script: async (client) => {
      await client.pause(240);
      await rollBack(client);
    },
    interruption: supersede,
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
  {
    name: "ROLLBACK during an UPDATE",
    from: "serving",
    script: amid("Bake", policies.canary, rollBack),
    interruption: supersede,
  },
];
