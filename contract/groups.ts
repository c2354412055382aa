import * as z from "zod/mini";
import { modelUriSchemes } from "./model-uri.ts";
import { strict } from "./strict.ts";

const locationPattern = new RegExp(`^(?:${modelUriSchemes.join("|")})://[A-Za-z0-9][A-Za-z0-9._-]*(?::[0-9]+)?(?:/[A-Za-z0-9._=+@-]+)*/?$`);

/** A beginning of model locations; what is written is compared as it is. */
const location = () =>
  z.string().check(
    z.maxLength(256, "at most 256 characters"),
    z.regex(locationPattern, "as s3://bucket/prefix"),
    z.refine((text) => !/\/\.\.?(?:\/|$)/.test(text), 'no "." or ".." in a location'),
  );

/** `PUT /v1/groups/{name}`; quotas, members and switches are refused until they have an effect. */
export const groupBody = z.lazy(() =>
  strict({
    /** Where artifacts may lie; null: anywhere. When it is absent, what was said before stays. */
    model_locations: z.optional(z.nullable(z.array(location()).check(z.maxLength(50, "at most 50 locations")))),
  }),
);
