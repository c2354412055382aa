import { missedNow, seenSlot } from "./current-condition.ts";
import type { Head } from "./deployment.ts";
import type { History } from "./history.ts";
import type { Observed } from "./observed.ts";
import { slotNames } from "./words.ts";

/** Says in the deployment's events that what serves answers worse than it should, and that it answers well again. */
export function tellObjective(history: History, head: Head, before: Observed | undefined, after: Observed): void {
  for (const slot of slotNames) {
    const now = seenSlot(head, after, slot);
    if (!now) continue;
    const [was, is] = [seenSlot(head, before, slot)?.missed, missedNow(now, after)];
    const what = `revision ${now.revision} (${slot})`;
    const told = { slot, revision: now.revision };
    if (is && was?.reason !== is.reason) {
      history.add("Objective Missed", `${what}: ${is.message}`, { missed: was ?? null }, { ...told, missed: is });
    } else if (was && now.missed == null) {
      history.add(
        "Objective Met",
        `${what} answers as it should again, or has too few requests to tell`,
        { missed: was },
        { ...told, missed: null },
      );
    }
  }
}
