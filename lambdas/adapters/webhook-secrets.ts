import type { WebhookSecrets } from "../ports/report-lookups.ts";
import type { Clock } from "../ports/surroundings.ts";
import type { AwsCall } from "../runtime/aws-json.ts";

const keptMilliseconds = 300_000;
/** Whoever sends without a right signature must not make us ask for each of its deliveries. */
const atMostEachMilliseconds = 5_000;
/** Secrets Manager keeps the former value under the second one: asked for only when a signature is not by the first. */
const [present, former] = ["AWSCURRENT", "AWSPREVIOUS"] as const;

export const webhookSecretName = (source: string): string => `slipway/webhooks/${source}`;

/** Secrets Manager's `slipway/webhooks/<source>`; a changed one is heard of without a deployment. */
export function webhookSecrets(call: AwsCall, clock: Pick<Clock, "now">): WebhookSecrets {
  const known = new Map<string, { secrets: Promise<string[]>; at: number; areAll: boolean }>();
  // One after the other: at once, the second would have a connection of its own, whose handshake takes longer.
  const look = async (source: string, all: boolean): Promise<string[]> => {
    const secrets: string[] = [];
    for (const stage of all ? [present, former] : [present]) secrets.push(...(await read(call, webhookSecretName(source), stage)));
    return secrets;
  };
  return {
    of(source, anew = false) {
      const kept = known.get(source);
      const age = kept ? clock.now() - kept.at : Number.POSITIVE_INFINITY;
      if (kept && (anew ? kept.areAll && age < atMostEachMilliseconds : age < keptMilliseconds)) return kept.secrets;
      const secrets = look(source, anew);
      known.set(source, { secrets, at: clock.now(), areAll: anew });
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
    if ((error as Error).name === "ResourceNotFoundException" && VersionStage === former) return [];
    throw error;
  }
}
