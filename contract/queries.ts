import * as z from "zod";
import { statuses } from "../domain/words.ts";
import { environmentName, groupName, modelName, oneLineText } from "./grammars.ts";
import { oneOf, strict } from "./strict.ts";

/** Query parameters. They arrive as text; what is not listed is refused. */

/** A whole number written in digits. */
export const digits = (from: number, to: number) => {
  const message = `a whole number from ${from} to ${to}`;
  return z
    .string()
    .regex(/^[0-9]{1,9}$/, message)
    .transform(Number)
    .pipe(z.int().min(from, message).max(to, message));
};
const flag = z
  .enum(["true", "false"], { error: "true or false" })
  .transform((text) => text === "true")
  .pipe(z.boolean());

export const none = strict({});

const paging = {
  limit: digits(1, 100).default(50),
  cursor: z.string().min(1).max(2048).optional(),
};
export const page = strict(paging);

const wait = digits(0, 25).default(0);
/** Seconds to hold the answer until the operation has ended. */
export const waiting = strict({ wait });

export const deploymentList = strict({
  ...paging,
  group: groupName.optional(),
  environment: environmentName.optional(),
  /** Upper or lower case. */
  status: z.string().toUpperCase().pipe(oneOf(statuses, "status")).optional(),
  model: modelName.optional(),
  /** Beginning of the name, upper or lower case. */
  search: oneLineText(100).optional(),
  mine: flag.default(false),
});

export const modelList = strict({ ...paging, group: groupName.optional() });
export const promotionList = strict({ ...paging, group: groupName.optional(), model: modelName.optional() });
export const triggerList = strict({ ...paging, group: groupName.optional() });
/** `dry_run=true` answers what would come of it and makes nothing. */
export const createQuery = strict({ wait, dry_run: flag.default(false) });
/** `supersede=true` aborts a rollout that is under way. */
export const updateQuery = strict({ wait, supersede: flag.default(false), dry_run: flag.default(false) });
/** The name of the deployment, typed by the person who deletes it. */
export const deleteQuery = strict({ wait, name: z.string({ error: "type the deployment's name to delete it: ?name=…" }).max(100) });
/** `live=true` reads the cluster now. */
export const liveQuery = strict({ live: flag.default(false) });
