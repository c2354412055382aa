import * as z from "zod";
import { modelUriSchemes } from "./model-uri.ts";
import { strict } from "./strict.ts";

/** A beginning of model locations; what is written is compared as it is. */
const location = z
  .string()
  .max(256, "at most 256 characters")
  .regex(
    new RegExp(`^(?:${modelUriSchemes.join("|")})://[A-Za-z0-9][A-Za-z0-9._-]*(?::[0-9]+)?(?:/[A-Za-z0-9._=+@-]+)*/?$`),
    "as s3://bucket/prefix",
  )
  .refine((text) => !/\/\.\.?(?:\/|$)/.test(text), 'no "." or ".." in a location');

/** `PUT /v1/groups/{name}`; quotas, members and switches are refused until they have an effect. */
export const groupBody = strict({
  /** Where artifacts may lie; null: anywhere. When it is absent, what was said before stays. */
  model_locations: z.array(location).max(50, "at most 50 locations").nullable().optional(),
});
