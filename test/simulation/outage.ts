import type { World } from "./world.ts";

/** After its first failure an informer of client-go pauses for so long, then each time for twice as long, and as much again by chance. */
const firstPause = 800;

/**
 * The API server answers nobody for a while. Requests wait, as clients try them again, and watches go on. The gateway hears of
 * routes as soon as it is back, and of instances as late as an informer may that was unlucky.
 */
export async function loseApiServer(world: World, milliseconds: number): Promise<void> {
  const { network } = world;
  const back = world.time.sleep(milliseconds);
  world.network = async (executor, target, call) => {
    if (target === "cluster") await back;
    return network(executor, target, call);
  };
  await back;
  world.network = network;
  world.gateway.hearNothingOfInstances(longestBlindness(milliseconds));
  world.cluster.returned(milliseconds);
}

/** It tried for the last time as early as it may have, and then pauses for as long as it may. */
function longestBlindness(away: number): number {
  let [tried, pause] = [0, firstPause];
  for (; tried + pause < away; pause *= 2) tried += pause;
  return tried + 2 * pause - away;
}
