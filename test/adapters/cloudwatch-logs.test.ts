import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cloudwatchLogs, queryText } from "../../lambdas/adapters/cloudwatch-logs.ts";
import type { LogSearch } from "../../lambdas/ports/log-history.ts";
import { parseQuery } from "../../local/aws/logs/insights/parse-query.ts";

const search: LogSearch = {
  ...{ cluster: "local", namespace: "slipway-demo-production", deployment: { id: "iris", uid: "01JABCDEFGHJKMNPQRST000001" } },
  ...{ revisions: null, from: 1_000, until: 2_500, order: "desc" as const, limit: 101 },
};

describe("the query", () => {
  it("names whose lines, when, in what order and how many", () => {
    const asked = { ...search, component: "predictor" as const, revisions: [3, 5], container_name: "predictor", text: "a/b" };
    expect(queryText(asked)).toBe(
      [
        "fields @timestamp, time, log, kubernetes.pod_name, kubernetes.container_name",
        'filter kubernetes.namespace_name = "slipway-demo-production"',
        "filter kubernetes.pod_name like /^iris-000001-p(3|5)-[0-9]+-/",
        'filter kubernetes.container_name = "predictor"',
        "filter log like /(?i)a\\/b/",
        "filter toMillis(@timestamp) >= 1000 and toMillis(@timestamp) <= 2500",
        "sort @timestamp desc",
        "limit 101",
      ].join("\n| "),
    );
  });

  /** What may come: one line without control characters. */
  const texts = fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }).filter((text) => !/[\p{Cc}\u2028\u2029]/u.test(text));
  const nasty = fc.constantFrom(
    '"',
    "/",
    "\\",
    "|",
    "(?i)",
    ".*",
    "$",
    "`",
    "| limit 10000",
    '" or 1 = 1',
    "\\/",
    "[a",
    "(",
    "{2}",
    "/ | fields @message |",
  );
  const keywords = fc.array(fc.oneof(texts, nasty), { minLength: 1, maxLength: 6 }).map((parts) => parts.join(""));

  it("finds exactly the text that was typed, and nothing that is typed becomes a part of it", () => {
    fc.assert(
      fc.property(keywords, texts, (text, other) => {
        const commands = parseQuery(queryText({ ...search, text }));
        expect(commands.map(({ word }) => word)).toEqual(["fields", "filter", "filter", "filter", "filter", "sort", "limit"]);
        const like = commands[3]?.word === "filter" ? commands[3].condition : undefined;
        if (like?.kind !== "matches") throw new Error("the text is not searched for");
        expect(like.of).toMatchObject({ kind: "field", name: "log" });
        expect(like.pattern.test(`before ${text} after`)).toBe(true);
        expect(like.pattern.test(other)).toBe(new RegExp(text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"), "i").test(other));
      }),
    );
  });

  it("takes no name that could end a string", () => {
    expect(() => queryText({ ...search, instance: 'x" or 1 = 1' })).toThrow("no name");
  });
});

describe("what the service refuses", () => {
  const refusing = (name: string) => cloudwatchLogs(() => Promise.reject(Object.assign(new Error("because"), { name })));

  it.each([
    ["ResourceNotFoundException", "NoLogs"],
    ["ThrottlingException", "LogsThrottled"],
    ["LimitExceededException", "LogsThrottled"],
    ["AccessDeniedException", "AccessDeniedException"],
  ])("%s is %s", async (given, name) => {
    await expect(refusing(given).begin(search)).rejects.toMatchObject({ name });
  });

  it("is no fault when what is stopped has ended", async () => {
    await refusing("InvalidParameterException").stop("id");
    await expect(refusing("AccessDeniedException").stop("id")).rejects.toThrow("because");
  });
});
