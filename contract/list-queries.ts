import * as z from "zod/mini";
import { statuses } from "../domain/words.ts";
import { flag } from "./flag.ts";
import { environmentName, groupName, modelName, oneLineText } from "./grammars.ts";
import { digits } from "./queries.ts";
import { oneOf, strict } from "./strict.ts";

/** Query parameters of lists. */

const paging = {
  limit: z._default(digits(1, 100), 50),
  cursor: z.optional(z.string().check(z.minLength(1), z.maxLength(2048))),
};
export const page = strict(paging);

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
