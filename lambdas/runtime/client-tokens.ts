import { hash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Tokens } from "../ports/clients.ts";

/** A token is 256 random bits: nobody finds one by trying, so a fast hash keeps it as well as a slow one. */
export const clientTokens: Tokens = {
  newSecret: () => randomBytes(32).toString("base64url"),
  hash: (token) => hash("sha256", token, "base64url"),
  areSame: (one, other) => one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other)),
};
