import { describe, expect, it } from "vitest";
import { createQuery, deleteQuery, updateQuery } from "../../contract/change-queries.ts";
import { deploymentList, page } from "../../contract/list-queries.ts";
import { parse } from "../../contract/parse.ts";
import { liveQuery } from "../../contract/state-routes.ts";
import { waiting } from "../../contract/waiting.ts";
import { errorsOf } from "./bodies.ts";

describe("query parameters", () => {
  it("of lists have their defaults", () => {
    expect(parse(page, {}, "query")).toEqual({ limit: 50 });
    expect(parse(deploymentList, {}, "query")).toEqual({ limit: 50, mine: false });
    expect(parse(waiting, {}, "query")).toEqual({ wait: 0 });
    expect(parse(liveQuery, {}, "query")).toEqual({ live: false });
  });

  it.each([createQuery, updateQuery])("ask for a preflight only when they say so", (query) => {
    expect(parse(query, {}, "query")).toMatchObject({ dry_run: false });
    expect(parse(query, { dry_run: "true" }, "query")).toMatchObject({ dry_run: true });
    expect(errorsOf(() => parse(query, { dry_run: "yes" }, "query")).map(({ path }) => path)).toEqual(["dry_run"]);
  });

  it("are read as what they mean", () => {
    const query = {
      limit: "7",
      cursor: "abc",
      group: "fraud",
      environment: "production",
      status: "running",
      model: "iris",
      search: "Card",
      mine: "true",
    };
    expect(parse(deploymentList, query, "query")).toEqual({ ...query, limit: 7, status: "RUNNING", mine: true });
    expect(parse(waiting, { wait: "25" }, "query")).toEqual({ wait: 25 });
  });

  it.each([
    [page, "limit", "0"],
    [page, "limit", "101"],
    [page, "limit", "1e1"],
    [page, "limit", "-1"],
    [page, "limit", ""],
    [page, "limit", "99999999999"],
    [page, "cursor", ""],
    [page, "cursor", "c".repeat(2049)],
    [page, "page", "2"],
    [waiting, "wait", "26"],
    [waiting, "wait", "2.5"],
    [liveQuery, "live", "yes"],
    [deploymentList, "status", "BROKEN"],
    [deploymentList, "group", "Fraud"],
    [deploymentList, "search", "a\nb"],
  ] as const)("(%#) are refused by name", (schema, name, value) => {
    expect(errorsOf(() => parse(schema, { [name]: value }, "query")).map((error) => error.path)).toEqual([name]);
  });

  it("name the nearest status", () => {
    expect(errorsOf(() => parse(deploymentList, { status: "runing" }, "query"))[0]?.message).toContain('did you mean "RUNNING"?');
  });

  it("want a deployment's name typed to delete it", () => {
    expect(errorsOf(() => parse(deleteQuery, {}, "query"))[0]).toMatchObject({
      path: "name",
      message: expect.stringContaining("type the deployment's name"),
    });
    expect(parse(deleteQuery, { name: "Iris" }, "query")).toEqual({ name: "Iris", wait: 0 });
  });
});
