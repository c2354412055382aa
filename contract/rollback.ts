import * as z from "zod/mini";
import { strict } from "./strict.ts";

/** `POST /v1/deployments/{id}/rollback`: one of the two, or `{}` for the last revision that served. */
export const rollbackBody = z.lazy(() =>
  strict({
    revision: z.optional(z.int().check(z.minimum(1), z.maximum(999_999))),
    model_version: z.optional(z.int().check(z.minimum(1), z.maximum(999_999))),
  }).check((context) => {
    const { revision, model_version } = context.value;
    if (revision === undefined || model_version === undefined) return;
    context.issues.push({
      code: "custom",
      path: ["model_version"],
      message: "give either revision or model_version",
      input: model_version,
    });
  }),
);
