// cspell:ignore brulee brûlée nihongo KAHVWPSP PTCQ
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deploymentReference, groupPattern, idFromName, idPattern } from "../../contract/grammars.ts";

describe("an id made from a name", () => {
  it.each([
    ["Card scorer", "card-scorer"],
    ["  Crème brûlée (v2)!  ", "creme-brulee-v2"],
    ["2024 forecast", "forecast"],
    ["a".repeat(60), "a".repeat(40)],
    [`${"a".repeat(39)} b`, "a".repeat(39)],
  ])("of %j is %j", (name, id) => expect(idFromName(name)).toBe(id));

  it.each(["日本語", "x", "!!!", "42", ""])("cannot be made of %j", (name) => expect(idFromName(name)).toBeUndefined());

  it("is within the grammar of ids, whatever the name", () => {
    const name = fc.oneof(
      fc.string({ unit: "binary", maxLength: 80 }),
      fc.string({ unit: fc.constantFrom("a", "Z", "9", "-", " ", "é"), maxLength: 80 }),
    );
    const made = fc.sample(name, 2000).map(idFromName);
    expect(made.filter((id) => id !== undefined && !idPattern.test(id))).toEqual([]);
    expect(made.filter((id) => id !== undefined).length).toBeGreaterThan(100);
  });

  it("of an id is that id, hyphens that follow each other made one", () => {
    fc.assert(fc.property(fc.stringMatching(idPattern), (id) => idFromName(id) === id.replace(/-+/g, "-")));
  });
});

describe("names", () => {
  it.each(["a", "-a", "a-", "1a", "Aa", "a_b", `a${"b".repeat(40)}`, "ab\n", "a.b"])("%j is no deployment id", (id) =>
    expect(idPattern.test(id)).toBe(false),
  );
  it.each(["ab", "a1", "a-b", `a${"b".repeat(39)}`])("%j is a deployment id", (id) => expect(idPattern.test(id)).toBe(true));
  it("of groups and models end at 30 characters", () => {
    expect(groupPattern.test("a".repeat(30))).toBe(true);
    expect(groupPattern.test("a".repeat(31))).toBe(false);
  });
  it("of a deployment in a path is its id or its uid", () => {
    expect(deploymentReference.safeParse("iris").success).toBe(true);
    expect(deploymentReference.safeParse("01KAHVWPSP3PTCQ8DBZ8V6Q2EM").success).toBe(true);
    expect(deploymentReference.safeParse("Iris").success).toBe(false);
    expect(deploymentReference.safeParse("81KAHVWPSP3PTCQ8DBZ8V6Q2EM").success).toBe(false);
  });
});
