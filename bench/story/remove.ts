import type { Stage } from "./stage.ts";
import { type Tell, truth } from "./told.ts";

const patienceMilliseconds = 120_000;

export async function remove(stage: Stage, tell: Tell): Promise<void> {
  const operation = await stage.changed("DELETE", `/v1/deployments/${stage.id}?name=${stage.id}`);
  truth(operation.outcome === "SUCCEEDED", "the delete succeeds", operation);
  const answer = await fetch(`${stage.system.url}/endpoints/${stage.id}/predict`);
  truth(!answer.ok, "nobody answers at the endpoint any more", answer.status);
  for (const end = Date.now() + patienceMilliseconds; ; await new Promise((resolve) => setTimeout(resolve, 250))) {
    const left = await stage.pods();
    if (left.length === 0) break;
    truth(
      Date.now() < end,
      "its instances are gone",
      left.map(({ metadata }) => metadata.name),
    );
  }
  const listed = (await stage.system.call("GET", "/v1/deployments")).items.map(({ id }: { id: string }) => id);
  truth(!listed.includes(stage.id), "it is listed no more", listed);
  tell(`the endpoint answers ${answer.status}, its instances are gone, it is listed no more`);
}
