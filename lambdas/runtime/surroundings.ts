import { randomInt } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { ulid } from "ulid";
import type { Clock, NewId } from "../ports/surroundings.ts";

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (milliseconds, signal) => {
    await delay(milliseconds, undefined, signal ? { signal } : undefined);
  },
};

/** Chance by Node's own generator: the library would take WebCrypto's, and loading that takes 2 ms of a first call. */
export const newUlid: NewId = () => ulid(undefined, () => randomInt(32) / 32);
