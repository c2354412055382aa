import { expect, it } from "vitest";
import { lanes } from "../../lambdas/adapters/lanes.ts";

it("runs two at once, in the order of asking, and goes on after one that failed", async () => {
  const inTurn = lanes(2);
  const begun: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  const ask = (name: string) =>
    inTurn(() => {
      begun.push(name);
      const end = Promise.withResolvers<string>();
      ends.set(name, end);
      return end.promise;
    });
  const [one, two, three, four] = ["one", "two", "three", "four"].map(ask);
  expect(begun).toEqual(["one", "two"]);

  ends.get("two")?.reject(new Error("no such kind"));
  await expect(two).rejects.toThrow("no such kind");
  await expect.poll(() => begun).toEqual(["one", "two", "three"]);

  ends.get("one")?.resolve("first");
  await expect(one).resolves.toBe("first");
  await expect.poll(() => begun).toEqual(["one", "two", "three", "four"]);
  ends.get("three")?.resolve("third");
  ends.get("four")?.resolve("fourth");
  await expect(Promise.all([three, four])).resolves.toEqual(["third", "fourth"]);

  void ask("five");
  void ask("six");
  void ask("seven");
  expect(begun.slice(4)).toEqual(["five", "six"]);
});
