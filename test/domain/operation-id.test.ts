import fc from "fast-check";
import { decodeTime, isValid, ulid } from "ulid";
import { describe, expect, test } from "vitest";
import { familyOf, nextOperationId } from "../../domain/operation-id.ts";

const latest = 2 ** 47;

describe("an operation's id", () => {
  test("is a ULID of its time with its deployment's random part", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: latest }), fc.integer({ min: 1, max: latest }), (made, later) => {
        const uid = ulid(made);
        const id = nextOperationId({ uid, last: undefined }, made + later);
        expect(isValid(id)).toBe(true);
        expect(decodeTime(id)).toBe(made + later);
        expect(familyOf(id)).toBe(familyOf(uid));
      }),
    );
  });

  test("comes after the last one's and is not its deployment's, whatever the clock says", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: latest }), fc.array(fc.integer({ min: 0, max: latest }), { minLength: 1 }), (made, clock) => {
        const uid = ulid(made);
        let last: string | undefined;
        for (const now of clock) {
          const id = nextOperationId({ uid, last }, now);
          expect(id > (last ?? uid)).toBe(true);
          last = id;
        }
      }),
    );
  });
});
