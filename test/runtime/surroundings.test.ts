import { decodeTime, isValid } from "ulid";
import { expect, it } from "vitest";
import { newUlid } from "../../lambdas/runtime/surroundings.ts";

it("makes ids of now that differ in every place left to chance", () => {
  const before = Date.now();
  const ids = Array.from({ length: 1_000 }, newUlid);
  const after = Date.now();
  expect(ids.every(isValid)).toBe(true);
  expect(ids.every((id) => decodeTime(id) >= before && decodeTime(id) <= after)).toBe(true);
  for (let place = 10; place < 26; place++) expect(new Set(ids.map((id) => id[place])).size).toBe(32);
});
