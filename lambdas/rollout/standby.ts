import type { Head } from "../../domain/deployment.ts";
import { addStandby, backendsInUse, backendsOnStandby, claimOf, dropStandby, entryName } from "../../domain/manifests/route.ts";
import { slotNames } from "../../domain/words.ts";
import type { Cluster } from "../ports/cluster.ts";
import type { DeploymentReader } from "../ports/record.ts";
import type { Clock } from "../ports/surroundings.ts";
import { type Attempt, attemptsUsed, isAmong } from "./attempts.ts";
import { changeStandby, readRoute, registersTargets } from "./route.ts";

/**
 * On standby: in the route, without traffic. A gateway that registers targets and checks their health, as load balancers
 * do, answers 503 for a Service that it has only just met, and breaks off what is under way on one that it is to forget.
 * So a Service comes into the route before its traffic and leaves it after. Gateways that follow endpoints need none of it.
 */

interface Ports {
  cluster: Cluster;
  record: Pick<DeploymentReader, "head">;
}

/** Before traffic moves from where it is `before` to where it is to be `after`. */
export async function introduce({ cluster, clock, record }: Ports & { clock: Clock }, before: Head, after: Head): Promise<void> {
  if (!registersTargets(after)) return;
  const names = slotNames.flatMap((slot) => {
    const filled = after.slots[slot];
    return filled && filled.weight > 0 ? [{ name: entryName(after, filled), isNew: isNew(before.slots[slot]) }] : [];
  });
  let unknown = false;
  await changeStandby(cluster, after, record, (route) => {
    const known = [...backendsInUse(route), ...backendsOnStandby(route)];
    const missing = names.map(({ name }) => name).filter((name) => !known.includes(name));
    unknown ||= missing.length > 0;
    return missing.length > 0 ? addStandby(route, claimOf(after), missing) : undefined;
  });
  // One that is there may have been brought in a moment ago, by a try of this step that has ended early.
  if (unknown || names.some((each) => each.isNew)) await clock.sleep((after.place.gateway.register_seconds ?? 0) * 1000);
}

/** It has never had traffic: no gateway has had to know it. */
const isNew = (record: Head["slots"]["blue"] | undefined): boolean => record?.role === "preview" && record.weight === 0;

/** Before the Services of all other attempts are removed. */
export async function dismiss({ cluster, record }: Ports, head: Head, kept: Attempt[]): Promise<void> {
  if (!registersTargets(head) || !(await readRoute(cluster, head))) return;
  await changeStandby(cluster, head, record, (route) => {
    const names = backendsOnStandby(route).filter((name) => !attemptsOf(head, name).some((attempt) => isAmong(kept, attempt)));
    return names.length > 0 ? dropStandby(route, claimOf(head), names) : undefined;
  });
}

const attemptsOf = (head: Head, name: string): Attempt[] => attemptsUsed(head, [name], { blue: null, green: null }, 0);
