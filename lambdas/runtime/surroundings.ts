import { setTimeout as delay } from "node:timers/promises";
import { ulid } from "ulid";
import type { Clock, NewId } from "../ports/surroundings.ts";

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (milliseconds, signal) => {
    await delay(milliseconds, undefined, signal ? { signal } : undefined);
  },
};

export const newUlid: NewId = () => ulid();
