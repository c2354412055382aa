import * as z from "zod/mini";

const written = z.enum(["true", "false"], { error: "true or false" });
const truth = z.pipe(
  written,
  z.transform((text: "true" | "false") => text === "true"),
);
/** A parameter in a query, `true` or `false`; false when it is not given. */
export const flag = z._default(z.pipe(truth, z.boolean()), false);
