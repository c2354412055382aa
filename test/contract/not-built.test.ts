import { describe, expect, it } from "vitest";
import { notBuiltFields } from "../../contract/not-built.ts";
import { applyPatch } from "../../contract/update.ts";
import { create, errorsOf, leastBody, pathsOf } from "./bodies.ts";

const { access: _, ...withoutAccess } = leastBody;

/** A body that asks for what is not built, and the fields that must be named. */
const refusals: [Record<string, unknown>, string[]][] = [[{ access: "private" }, ["access"]]];

describe("a field whose effect is not built", () => {
  it.each(refusals)("%j is refused by name", (fields, paths) => {
    const errors = errorsOf(() => create({ ...leastBody, ...fields }));
    expect(errors.map((error) => error.path)).toEqual(paths);
    for (const { message } of errors) expect(message).toMatch(/not built yet: (give|leave)/);
  });

  it.each(refusals)("%j is refused in an update as well", (fields, paths) => {
    const { specification } = create(leastBody);
    expect(pathsOf(() => applyPatch(specification, fields))).toEqual(paths);
  });

  it("is tried here, each of them", () => {
    expect(new Set(refusals.flatMap(([, paths]) => paths))).toEqual(new Set(notBuiltFields.map((field) => field.path)));
  });

  it("is said even where the default asks for it: private access", () => {
    expect(errorsOf(() => create(withoutAccess))).toEqual([{ path: "access", message: 'private access is not built yet: give "public"' }]);
    const { specification } = create(leastBody);
    expect(pathsOf(() => applyPatch(specification, { access: null }))).toEqual(["access"]);
  });
});
