import type { Outcome } from "./run.ts";
import { runSchedule, type Schedule } from "./schedules.ts";

/** Leaves out one thing after another as long as something is still violated: what remains shows it. */
export async function shrunk(schedule: Schedule): Promise<{ schedule: Schedule; outcome: Outcome }> {
  let [least, outcome] = [schedule, await runSchedule(schedule)];
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const candidate of smaller(least)) {
      const tried = await runSchedule(candidate);
      if (tried.violations.length === 0) continue;
      [least, outcome, isSmaller] = [candidate, tried, true];
      break;
    }
  }
  return { schedule: least, outcome };
}

function* smaller(schedule: Schedule): Generator<Schedule> {
  const { effects, network, actions } = schedule;
  if (network.length > 1) yield { ...schedule, network: [] };
  if (actions[1].length > 0) yield { ...schedule, actions: [actions[0], []] };
  for (const index of effects.keys()) yield { ...schedule, effects: effects.toSpliced(index, 1) };
  for (const index of network.keys()) yield { ...schedule, network: network.toSpliced(index, 1) };
  for (const index of actions[0].keys()) yield { ...schedule, actions: [actions[0].toSpliced(index, 1), actions[1]] };
  for (const index of actions[1].keys()) yield { ...schedule, actions: [actions[0], actions[1].toSpliced(index, 1)] };
  if (schedule.lag > 0) yield { ...schedule, lag: 0 };
  for (const revision of Object.keys(schedule.characters)) {
    if (Object.keys(schedule.characters[Number(revision)] ?? {}).length > 0)
      yield { ...schedule, characters: { ...schedule.characters, [revision]: {} } };
  }
}
