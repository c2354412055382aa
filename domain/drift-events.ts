import { driftWords, seenSlot } from "./current-condition.ts";
import type { Head } from "./deployment.ts";
import type { History } from "./history.ts";
import type { Observed } from "./observed.ts";
import { sameJson } from "./same-json.ts";
import { slotNames } from "./words.ts";

/** Says in the deployment's events that somebody has changed it in the cluster, and that it is again as it was made. */
export function tellDrift(history: History, head: Head, before: Observed | undefined, after: Observed): void {
  for (const slot of slotNames) {
    const now = seenSlot(head, after, slot);
    if (!now) continue;
    const [was = [], is = []] = [seenSlot(head, before, slot)?.drift, now.drift];
    const what = `revision ${now.revision} (${slot})`;
    const isNew = is.some((each) => !was.some((known) => sameJson(known, each)));
    if (isNew)
      history.add(
        "Drift Found",
        `${what} was changed in the cluster: ${is.map(driftWords).join("; ")}`,
        { drift: was },
        { slot, drift: is },
      );
    else if (was.length > 0 && is.length === 0)
      history.add("Drift Gone", `${what} is again as it was made`, { drift: was }, { slot, drift: [] });
  }
}
