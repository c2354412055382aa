import * as z from "zod/mini";
import { oneLineText } from "./grammars.ts";

/** What people say of a deployment or of a model's version, in names and values of their own. */

const most = 50;

const metadataKey = z
  .string()
  .check(
    z.minLength(1, "a key is needed"),
    z.maxLength(63, "at most 63 characters"),
    z.regex(/^[A-Za-z0-9](?:[A-Za-z0-9_./-]*[A-Za-z0-9])?$/, "letters, digits and '-', '_', '.', '/' between them"),
  );
export const metadata = z
  .record(metadataKey, oneLineText(256))
  .check(z.refine((entries) => Object.keys(entries).length <= most, `at most ${most} entries`));
