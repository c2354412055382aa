import { createHash } from "node:crypto";

/** Names of replicas, targets and instances are long, and only have to be told apart. */
export const shortName = (name: string): string => createHash("sha256").update(name).digest("base64url").slice(0, 8);
