const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** A length of time in one or two units, as `kubectl get` shows an age; `<unknown>` where there is no beginning. */
export function age(since: string | undefined, now: number): string {
  if (since === undefined) return "<unknown>";
  const seconds = Math.max(0, Math.floor((now - Date.parse(since)) / 1000));
  if (seconds < 2 * minute) return `${seconds}s`;
  if (seconds < 10 * minute) return inUnits(seconds, [minute, "m"], [1, "s"]);
  if (seconds < 3 * hour) return inUnits(seconds, [minute, "m"]);
  if (seconds < 8 * hour) return inUnits(seconds, [hour, "h"], [minute, "m"]);
  if (seconds < 2 * day) return inUnits(seconds, [hour, "h"]);
  return seconds < 8 * day ? inUnits(seconds, [day, "d"], [hour, "h"]) : inUnits(seconds, [day, "d"]);
}

type Unit = [seconds: number, letter: string];

function inUnits(seconds: number, [large, letter]: Unit, small?: Unit): string {
  const rest = small ? Math.floor((seconds % large) / small[0]) : 0;
  return `${Math.floor(seconds / large)}${letter}${rest > 0 ? `${rest}${small?.[1]}` : ""}`;
}
