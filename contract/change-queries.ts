import * as z from "zod/mini";
import { flag } from "./flag.ts";
import { strict } from "./strict.ts";
import { wait } from "./waiting.ts";

/** Query parameters of what changes deployments. */

/** `dry_run=true` answers what would come of it and makes nothing. */
export const createQuery = strict({ wait, dry_run: flag });
/** `supersede=true` aborts a rollout that is under way. */
export const updateQuery = strict({ wait, supersede: flag, dry_run: flag });
/** The name of the deployment, typed by the person who deletes it. */
export const deleteQuery = strict({
  wait,
  name: z.string({ error: "type the deployment's name to delete it: ?name=…" }).check(z.maxLength(100)),
});
