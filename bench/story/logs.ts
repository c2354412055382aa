import type { Stage } from "./stage.ts";
import { type Tell, truth } from "./told.ts";

interface Line {
  message: string;
  instance: string;
}
const patienceMilliseconds = 60_000;

/** Of instances that are there, and of those that have gone with the first revision. */
export async function logs(stage: Stage, tell: Tell): Promise<void> {
  const serving = await stage.answeredBy();
  const live = await found(stage, `/v1/deployments/${stage.id}/logs`, `serving ${serving}`);
  tell(`live: ${JSON.stringify(live.message)} of ${live.instance}`);
  const gone = await found(
    stage,
    `/v1/deployments/${stage.id}/logs?source=historical&query=${encodeURIComponent("serving one")}`,
    "serving one",
  );
  const pods = (await stage.pods()).map(({ metadata }) => metadata.name);
  truth(!pods.includes(gone.instance), "the instance that wrote it is gone", gone);
  tell(`historical: ${JSON.stringify(gone.message)} of ${gone.instance}, which is gone`);
}

async function found(stage: Stage, path: string, text: string): Promise<Line> {
  let seen: Line[] = [];
  for (const end = Date.now() + patienceMilliseconds; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 500))) {
    seen = (await stage.system.call("GET", path)).items ?? [];
    const line = seen.find(({ message }) => message.includes(text));
    if (line) return line;
  }
  truth(false, `${path} has a line with ${text}`, seen);
  throw new Error("unreachable");
}
