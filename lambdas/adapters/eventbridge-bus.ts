import type { PutEventsRequestEntry, PutEventsResponse } from "@aws-sdk/client-eventbridge";
import type { Announcement, EventBus } from "../ports/event-bus.ts";
import type { Clock } from "../ports/surroundings.ts";
import type { AwsCall } from "../runtime/aws-json.ts";

const entriesPerRequest = 10;
const attempts = 4;

/** PutEvents answers 200 and refuses entries one by one: those are sent again, and told when they stay refused. */
export function eventBridgeBus(call: AwsCall, busName: string, clock: Pick<Clock, "sleep">): EventBus {
  const entryOf = ({ detail_type, detail, at }: Announcement): Entry => ({
    EventBusName: busName,
    Source: "slipway",
    DetailType: detail_type,
    Detail: JSON.stringify(detail),
    Time: Date.parse(at) / 1000,
  });
  return {
    async publish(announcements) {
      const failed: number[] = [];
      const all = announcements.map((announcement, position) => ({ position, entry: entryOf(announcement) }));
      for (let start = 0; start < all.length; start += entriesPerRequest) {
        failed.push(...(await deliver(call, clock, all.slice(start, start + entriesPerRequest))));
      }
      return failed;
    },
  };
}

/** On the wire a time is seconds since the epoch. */
type Entry = Omit<PutEventsRequestEntry, "Time"> & { Time: number };
interface Numbered {
  position: number;
  entry: Entry;
}

async function deliver(call: AwsCall, clock: Pick<Clock, "sleep">, batch: Numbered[]): Promise<number[]> {
  let left = batch;
  for (let attempt = 1; left.length > 0 && attempt <= attempts; attempt += 1) {
    if (attempt > 1) await clock.sleep(100 * 2 ** attempt * Math.random());
    left = await put(call, left);
  }
  return left.map(({ position }) => position);
}

/** What was refused. A request that failed as a whole has been tried several times: all of it counts as refused. */
async function put(call: AwsCall, batch: Numbered[]): Promise<Numbered[]> {
  try {
    const { Entries = [] } = await call<PutEventsResponse>("PutEvents", { Entries: batch.map(({ entry }) => entry) });
    return batch.filter((_, index) => Entries[index]?.EventId === undefined);
  } catch {
    return batch;
  }
}
