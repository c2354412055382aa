import * as z from "zod/mini";
import { complete } from "./complete.ts";
import { type SpecificationInput, specificationFields } from "./specification.ts";
import { strict } from "./strict.ts";

/** `POST /v1/deployments`: a specification and whether to start it. Gives `{specification, secret_values, start}`. */
const completed = z.transform(({ start, ...input }: SpecificationInput & { start: boolean }, context) => {
  const completed = complete(input, { predictor: [], transformer: [] });
  if ("errors" in completed) {
    for (const { path, message } of completed.errors) context.issues.push({ code: "custom", path: path.split("."), message, input });
    return z.NEVER;
  }
  return { specification: completed.specification, secret_values: completed.secret_values, start };
});
export const createBody = z.pipe(strict({ ...specificationFields, start: z._default(z.boolean(), true) }), completed);
export type CreateBody = z.output<typeof createBody>;
