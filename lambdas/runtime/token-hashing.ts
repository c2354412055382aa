import { hash, timingSafeEqual } from "node:crypto";
import type { TokenHashing } from "../ports/clients.ts";

/** A token is 256 random bits: nobody finds one by trying, so a fast hash keeps it as well as a slow one. */
export const tokenHashing: TokenHashing = {
  hash: (token) => hash("sha256", token, "base64url"),
  areSame: (one, other) => one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other)),
};
