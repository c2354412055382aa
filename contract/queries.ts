import * as z from "zod/mini";
import { statuses } from "../domain/words.ts";
import { flag } from "./flag.ts";
import { environmentName, groupName, modelName, oneLineText } from "./grammars.ts";
import { oneOf, strict } from "./strict.ts";

/** Query parameters. They arrive as text; what is not listed is refused. */

/** A whole number written in digits. */
export const digits = (from: number, to: number) => {
  const message = `a whole number from ${from} to ${to}`;
  const written = z.pipe(z.string().check(z.regex(/^[0-9]{1,9}$/, message)), z.transform(Number));
  return z.pipe(written, z.int().check(z.minimum(from, message), z.maximum(to, message)));
};
export const none = strict({});

const paging = {
  limit: z._default(digits(1, 100), 50),
  cursor: z.optional(z.string().check(z.minLength(1), z.maxLength(2048))),
};
export const page = strict(paging);

const wait = z._default(digits(0, 25), 0);
/** Seconds to hold the answer until the operation has ended. */
export const waiting = strict({ wait });

export const deploymentList = strict({
  ...paging,
  group: z.optional(groupName),
  environment: z.optional(environmentName),
  /** Upper or lower case. */
  status: z.optional(z.pipe(z.string().check(z.toUpperCase()), oneOf(statuses, "status"))),
  model: z.optional(modelName),
  /** Beginning of the name, upper or lower case. */
  search: z.optional(oneLineText(100)),
  mine: flag,
});

export const modelList = strict({ ...paging, group: z.optional(groupName) });
export const promotionList = strict({ ...paging, group: z.optional(groupName), model: z.optional(modelName) });
export const triggerList = strict({ ...paging, group: z.optional(groupName) });
/** `dry_run=true` answers what would come of it and makes nothing. */
export const createQuery = strict({ wait, dry_run: flag });
/** `supersede=true` aborts a rollout that is under way. */
export const updateQuery = strict({ wait, supersede: flag, dry_run: flag });
/** The name of the deployment, typed by the person who deletes it. */
export const deleteQuery = strict({
  wait,
  name: z.string({ error: "type the deployment's name to delete it: ?name=…" }).check(z.maxLength(100)),
});
