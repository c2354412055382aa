import type { Condition } from "./condition.ts";
import type { SlotName } from "./words.ts";

/** A revision in its slot. */
export interface Spoken {
  revision: number;
  slot: SlotName;
}

const subject = ({ revision, slot }: Spoken): string => `revision ${revision} (${slot})`;

/** What is said of a slot in the same words each time, by its reason: the reason, revision and slot say all of it. */
const said = {
  Ready: (of: Spoken) => ({ type: "READY", status: "True", message: `${subject(of)} is ready` }),
  AwaitingVerification: (of: Spoken) => ({
    ...{ type: "READY", status: "Unknown" },
    message: `${subject(of)} has its instances ready; it is being verified before it gets traffic`,
  }),
  BeingJudged: (of: Spoken) => ({
    ...{ type: "READY", status: "Unknown" },
    message: `${subject(of)} has a part of the traffic; it gets the rest when it has been judged, or is promoted`,
  }),
  AwaitingPromotion: (of: Spoken) => ({
    ...{ type: "READY", status: "Unknown" },
    message: `${subject(of)} has been verified; it gets traffic when somebody promotes it`,
  }),
} as const satisfies Record<string, (of: Spoken) => Pick<Condition, "type" | "status" | "message">>;
type Said = keyof typeof said;

export function saidOf(reason: Said, of: Spoken, at: string): Condition {
  const { type, status, message } = said[reason](of);
  return { type, status, reason, message, at };
}

/** Of whom that is said; undefined for a condition in words of its own. */
export function spokenOf({ type, status, reason, message }: Condition): Spoken | undefined {
  const [, revision, slot] = /^revision (\d+) \((blue|green)\)/.exec(message) ?? [];
  if (revision === undefined || !(reason in said)) return undefined;
  const of = { revision: Number(revision), slot: slot as SlotName };
  const words = said[reason as Said](of);
  return words.type === type && words.status === status && words.message === message ? of : undefined;
}
