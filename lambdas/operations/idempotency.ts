import { Problem } from "../../domain/errors.ts";
import type { Operation } from "../../domain/operation.ts";
import type { PromotionChange } from "../../domain/promotion.ts";
import type { Change, DeploymentReader, IdempotentAnswer } from "../ports/record.ts";

/** A request that may be repeated: by whom, under which key, and what it asked. */
export interface Repeatable {
  actor: string;
  key: string;
  /** Of method, path and body; no secret can be read out of it. */
  request_hash: string;
}

/** A promotion's workflow asks: what the promotion becomes by the operation is written with it, or neither is. */
export interface ForPromotion {
  promotion(begun: Operation): PromotionChange;
}

/** What is written with an operation that begins, besides itself. */
export type Occasion = Repeatable | ForPromotion;

/** What a change keeps of its answer. Undefined when the request carried no key. */
export function kept(
  repeatable: Occasion | undefined,
  answer: Partial<Omit<IdempotentAnswer, "request_hash">> & Pick<IdempotentAnswer, "status_code">,
): Change["idempotency"] {
  if (!repeatable || "promotion" in repeatable) return undefined;
  const { actor, key, request_hash } = repeatable;
  return { actor, key, answer: { uid: null, operation_id: null, pointer: {}, ...answer, request_hash } };
}

/**
 * Runs the request, unless its key has had an effect already: then the same answer is made again from what was kept.
 * Of two equal requests at once one has the effect, and both get its answer.
 */
export async function once<T>(
  record: DeploymentReader,
  repeatable: Repeatable | undefined,
  run: () => Promise<T>,
  again: (answer: IdempotentAnswer) => Promise<T>,
): Promise<T> {
  if (!repeatable) return run();
  const earlier = await record.idempotent(repeatable.actor, repeatable.key);
  if (earlier) return again(same(repeatable, earlier));
  try {
    return await run();
  } catch (error) {
    // The other one of two may also have won the id, the version or the name: its key tells that it was the same request.
    // It tells as well that a write was made whose reply was lost.
    const answer = await record.idempotent(repeatable.actor, repeatable.key).catch(() => undefined);
    if (answer) return again(same(repeatable, answer));
    throw error;
  }
}

function same(repeatable: Repeatable, answer: IdempotentAnswer): IdempotentAnswer {
  if (answer.request_hash === repeatable.request_hash) return answer;
  throw new Problem(
    "idempotency-key-reused",
    `the Idempotency-Key ${repeatable.key} was used within the last 24 hours for another request. Give each request a key of its own`,
  );
}
