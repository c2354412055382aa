import type { WebhookSecrets } from "../ports/report-lookups.ts";
import type { Clock } from "../ports/surroundings.ts";
import type { AwsCall } from "../runtime/aws-json.ts";

const keptMilliseconds = 300_000;
/** Whoever sends without a right signature must not make us ask for each of its deliveries. */
const atMostEachMilliseconds = 5_000;
/** Secrets Manager keeps the former value under the second one. */
const stages = ["AWSCURRENT", "AWSPREVIOUS"];

export const webhookSecretName = (source: string): string => `slipway/webhooks/${source}`;

/** Secrets Manager's `slipway/webhooks/<source>`; a changed one is heard of without a deployment. */
export function webhookSecrets(call: AwsCall, clock: Pick<Clock, "now">): WebhookSecrets {
  const known = new Map<string, { secrets: Promise<string[]>; at: number }>();
  // One after the other: at once, the second would have a connection of its own, whose handshake takes longer.
  const look = async (source: string): Promise<string[]> => {
    const secrets: string[] = [];
    for (const stage of stages) secrets.push(...(await read(call, webhookSecretName(source), stage)));
    return secrets;
  };
  return {
    of(source, anew = false) {
      const kept = known.get(source);
      if (kept && clock.now() - kept.at < (anew ? atMostEachMilliseconds : keptMilliseconds)) return kept.secrets;
      const secrets = look(source);
      known.set(source, { secrets, at: clock.now() });
      // What could not be read is read again the next time.
      secrets.catch(() => known.delete(source));
      return secrets;
    },
  };
}

async function read(call: AwsCall, SecretId: string, VersionStage: string): Promise<string[]> {
  try {
    const { SecretString } = await call<{ SecretString?: string }>("GetSecretValue", { SecretId, VersionStage });
    return SecretString ? [SecretString] : [];
  } catch (error) {
    // Most secrets have never been changed.
    if ((error as Error).name === "ResourceNotFoundException" && VersionStage === "AWSPREVIOUS") return [];
    throw error;
  }
}
