import { at, strict, text } from "./words.ts";

export const client = strict({
  name: text,
  created_at: at,
  created_by: text,
  /** null: never. */
  expires_at: at.nullable(),
  /** Late by up to five minutes; null while it was not used. */
  last_used_at: at.nullable(),
  /** Until when a token from before the last rotation works; null when none does. */
  previous_until: at.nullable(),
});
/** Shown in this one answer: what is kept cannot be turned back into it. */
export const issuedClient = strict({ ...client.shape, token: text });
