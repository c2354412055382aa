// cspell:ignore imgae
import fc from "fast-check";
import { expect, it } from "vitest";
import { editDistance, nearest, suggestion } from "../../contract/spelling.ts";

const word = fc.string({ maxLength: 12 });

it.each([
  ["", "abc", 3],
  ["kitten", "sitting", 3],
  ["image", "imgae", 2],
  ["same", "same", 0],
])("from %j to %j it is %i letters", (from, to, distance) => expect(editDistance(from, to)).toBe(distance));

it("is a distance: symmetric, nothing only between equals, no detour shorter", () => {
  fc.assert(
    fc.property(word, word, word, (a, b, c) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
      expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
    }),
  );
});

it("finds the field that was meant, or none", () => {
  const known = ["image", "image_pull_secret", "instance_type", "env"];
  expect(nearest("imgae", known)).toBe("image");
  expect(nearest("instanceType", known)).toBe("instance_type");
  expect(nearest("ENV", known)).toBe("env");
  expect(nearest("completely_different", known)).toBeUndefined();
  expect(nearest("x".repeat(10_000), known)).toBeUndefined();
});

it("gives the list where nothing is near", () => {
  expect(suggestion("zzzzzzzz", ["a_field"])).toBe("known: a_field");
  expect(suggestion("a", [])).toBe("nothing may be given here");
});
