import { ServiceError } from "../../local/step-functions/start-named.ts";
import type { Whereabouts } from "./executions.ts";
import type { World } from "./world.ts";

/** What goes wrong with one Task of a path, the first time that it is run. */
export interface Stumble extends Whereabouts {
  /** Somebody asks for something else, and Step Functions does not hear that it is to stop; or the name of the Task's error. */
  by: "overtaken" | (string & {});
}

/** Answers in place of the function; undefined when the function itself is to answer. */
export async function stumbled(world: World, functionName: string, operationId: string): Promise<{ errorType: string } | undefined> {
  const { stumble } = world.conditions;
  if (!stumble || world.hasStumbled) return undefined;
  const { machine, state } = world.executions.whereaboutsOf(operationId, functionName) ?? {};
  if (machine !== stumble.machine || state !== stumble.state) return undefined;
  world.hasStumbled = true;
  world.stumbledAfter = world.effects.counted;
  if (stumble.by !== "overtaken") return { errorType: stumble.by };
  world.executions.deafTo = operationId;
  world.effects.interrupt();
  await world.effects.nextEpoch;
  return undefined;
}

/** A Task that starts another machine stumbles over Step Functions' refusal. */
export function refuseStart(world: World): void {
  const { store } = world.executions;
  const { stumble } = world.conditions;
  store.refusing = ({ parent_arn }) => {
    if (!stumble || world.hasStumbled || parent_arn === null || store.footsteps.stateOf(parent_arn) !== stumble.state) return;
    world.hasStumbled = true;
    world.stumbledAfter = world.effects.counted;
    const code = /^StepFunctions\.(\w+)Exception$/.exec(stumble.by)?.[1] ?? stumble.by;
    throw new ServiceError(code, `${code}: said by the simulation`);
  };
}
