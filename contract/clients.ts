import * as z from "zod/mini";
import { clientNamePattern } from "../domain/client.ts";
import { whole } from "./grammars.ts";
import { strict } from "./strict.ts";

export const clientName = z
  .string()
  .check(
    z.regex(clientNamePattern, "1 to 63 lower-case letters, digits, hyphens and underscores, beginning with a letter or an underscore"),
  );

const time = z.iso.datetime({ offset: true, error: "a time as 2027-01-01T00:00:00Z" });

/** `POST /v1/deployments/{id}/clients`. Without `expires_at` it does not expire. */
export const newClient = z.lazy(() => strict({ name: clientName, expires_at: z._default(z.nullable(time), null) }));
export type NewClient = z.output<typeof newClient>;

const longestOverlapSeconds = 7 * 24 * 3600;

/** `POST /v1/deployments/{id}/clients/{name}/rotate`. */
export const rotation = z.lazy(() => strict({ overlap_seconds: z._default(whole(0, longestOverlapSeconds), 3600) }));
export type Rotation = z.output<typeof rotation>;
