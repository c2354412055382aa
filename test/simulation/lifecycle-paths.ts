import type { Path, Script } from "./path.ts";
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
  whole,
} from "./scripts.ts";

const startSuperseded: Script = async (client) => {
  await client.create();
  await client.reached("AwaitReady");
  await supersede(client);
};

export const lifecyclePaths: Path[] = [
  { name: "START", from: "nothing", script: whole((client) => client.create()), interruption: abortAndStart },
  {
    name: "START of an image that cannot be pulled",
    from: "nothing",
    script: whole((client) => client.create()),
    interruption: abortAndStart,
    characters: { 1: { fate: "image cannot be pulled" } },
  },
  { name: "RESTART", from: "serving", script: whole((client) => client.restart()), interruption: abortAndUpdate },
  { name: "STOP", from: "serving", script: stop, interruption: abortAndStart },
  { name: "STOP beside a warm slot", from: "warm", script: stop, interruption: abortAndUpdate },
  { name: "DELETE", from: "serving", script: whole((client) => client.delete()), interruption: abortAndStart },
  { name: "START of what was stopped", from: "serving", script: stopAndStart, interruption: abortAndStart },
  { name: "START superseded", from: "nothing", script: startSuperseded, interruption: remove },
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
  { name: "DELETE beside a warm slot", from: "warm", script: remove, interruption: abortAndUpdate },
  {
    name: "DELETE during an UPDATE",
    from: "serving",
    script: amid("Bake", policies.canary, remove),
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
    script: amid("Bake", policies.canary, stop),
    interruption: abortAndUpdate,
  },
];
