import * as z from "zod";
import { complete } from "./complete.ts";
import { specificationFields } from "./specification.ts";
import { strict } from "./strict.ts";

/** `POST /v1/deployments`: a specification and whether to start it. Gives `{specification, secret_values, start}`. */
export const createBody = strict({ ...specificationFields, start: z.boolean().default(true) }).transform(({ start, ...input }, context) => {
  const completed = complete(input, { predictor: [], transformer: [] });
  if ("errors" in completed) {
    for (const { path, message } of completed.errors) context.issues.push({ code: "custom", path: path.split("."), message, input });
    return z.NEVER;
  }
  return { specification: completed.specification, secret_values: completed.secret_values, start };
});
export type CreateBody = z.output<typeof createBody>;
