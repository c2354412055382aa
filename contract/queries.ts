import * as z from "zod/mini";
import { strict } from "./strict.ts";

/**
 * Query parameters. They arrive as text; what is not listed is refused. Those that not every function takes stand in files of
 * their own, so that no other makes their schemas.
 */

/** A whole number written in digits. */
export const digits = (from: number, to: number) => {
  const message = `a whole number from ${from} to ${to}`;
  const written = z.pipe(z.string().check(z.regex(/^[0-9]{1,9}$/, message)), z.transform(Number));
  return z.pipe(written, z.int().check(z.minimum(from, message), z.maximum(to, message)));
};
export const none = strict({});
