import { describe, expect, it } from "vitest";
import { parseSchedule } from "../../../local/aws/events/schedule.ts";

const next = (expression: string, after: string): string => new Date(parseSchedule(expression).next(Date.parse(after))).toISOString();

describe("a schedule", () => {
  it.each([
    ["rate(1 minute)", "2026-11-21T09:12:03.120Z", "2026-11-21T09:13:03.120Z"],
    ["rate(5 minutes)", "2026-11-21T09:12:03.000Z", "2026-11-21T09:17:03.000Z"],
    ["rate(1 day)", "2026-11-21T09:12:03.000Z", "2026-11-22T09:12:03.000Z"],
    ["cron(0 10 * * ? *)", "2026-11-21T09:12:03.000Z", "2026-11-21T10:00:00.000Z"],
    ["cron(0 10 * * ? *)", "2026-11-21T10:00:00.000Z", "2026-11-22T10:00:00.000Z"],
    ["cron(0/15 * * * ? *)", "2026-11-21T09:12:03.000Z", "2026-11-21T09:15:00.000Z"],
    ["cron(0 18 ? * MON-FRI *)", "2026-11-21T09:12:03.000Z", "2026-11-23T18:00:00.000Z"],
    ["cron(0 8 1 * ? *)", "2026-11-21T09:12:03.000Z", "2026-12-01T08:00:00.000Z"],
    ["cron(30 0 1 JAN,JUL ? *)", "2026-11-21T09:12:03.000Z", "2027-01-01T00:30:00.000Z"],
    ["cron(0 0 29 2 ? *)", "2026-11-21T09:12:03.000Z", "2028-02-29T00:00:00.000Z"],
  ])("%s after %s is %s", (expression, after, expected) => {
    expect(next(expression, after)).toBe(expected);
  });

  it.each(["rate(five minutes)", "rate(1 fortnight)", "cron(0 10 * *)", "cron(0 10 L * ? *)", "at(2026-01-01)"])(
    "%s is refused",
    (expression) => {
      expect(() => parseSchedule(expression)).toThrow("The schedule");
    },
  );
});
