import * as z from "zod/mini";

const spans = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
const message = "a time such as 2026-11-21T09:12:03Z, or how long ago it was: 90s, 15m, 2h, 7d";

/** A time in a query: `{at}` in milliseconds since the epoch, or `{seconds_ago}`. */
export const moment = z.pipe(
  z.string(),
  z.transform((text: string, context): { at: number } | { seconds_ago: number } => {
    const [, count, unit] = /^(\d{1,6})(s|m|h|d)$/.exec(text) ?? [];
    if (count !== undefined) return { seconds_ago: Number(count) * spans[unit as keyof typeof spans] };
    // A plus sign in a query is a blank to whoever decodes it.
    const written = z.safeParse(z.iso.datetime({ offset: true }), text.replace(/ (?=\d\d:\d\d$)/, "+"));
    if (written.success) return { at: Date.parse(written.data) };
    context.issues.push({ code: "custom", message, input: text });
    return z.NEVER;
  }),
);
export type Moment = z.output<typeof moment>;

/** Milliseconds since the epoch. */
export const momentIn = (given: Moment | undefined, now: number): number | undefined =>
  given === undefined ? undefined : "at" in given ? given.at : now - given.seconds_ago * 1000;
