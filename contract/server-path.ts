import * as z from "zod/mini";

/** Relative to the model server: begins with one slash; no scheme, no authority, no way out, no escapes that hide one. */
export const serverPath = () =>
  z.string().check(
    z.maxLength(1024, "at most 1024 characters"),
    z.regex(/^\/(?!\/)/, 'a path on the model server, beginning with one "/"'),
    z.regex(/^[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]*$/, "only characters that a URL's path and query may hold"),
    z.refine((text) => !/(?:^|\/)(?:\.|%2e){1,2}(?:\/|\?|$)/i.test(text), 'no "." or ".." in the path'),
    z.refine(
      (text) => !/%(?![0-9a-f]{2})|%(?:2f|5c|0[0-9a-f]|1[0-9a-f]|7f)/i.test(text),
      "no escaped slash or control character, no lone %",
    ),
  );
