import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { namespaceName, ownLabels, routeName, workloadName } from "../../domain/names.ts";
import { type Component, components } from "../../domain/words.ts";

const deployment = fc.record({
  id: fc.stringMatching(/^[a-z][a-z0-9-]{0,38}[a-z0-9]$/),
  uid: fc.stringMatching(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/),
});
const attempt = fc.record({
  component: fc.constantFrom<Component[]>(...components),
  revision: fc.integer({ min: 1, max: 9999 }),
  epoch: fc.integer({ min: 1, max: 99_999 }),
});
const group = fc.stringMatching(/^[a-z][a-z0-9-]{0,28}[a-z0-9]$/);
const environment = fc.stringMatching(/^[a-z][a-z0-9]{0,11}$/);

const dns1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const labelValue = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const nameOf = (
  { id, uid }: { id: string; uid: string },
  { component, revision, epoch }: { component: Component; revision: number; epoch: number },
) => workloadName({ id, uid }, component, revision, epoch);

describe("names of objects", () => {
  test("are DNS labels that a Service may have, short enough for whole pod names", () => {
    fc.assert(
      fc.property(deployment, attempt, (one, of) => {
        const name = nameOf(one, of);
        expect(name).toMatch(dns1035);
        expect(name.length).toBeLessThanOrEqual(46);
        expect(routeName(one)).toMatch(dns1035);
        expect(routeName(one).length).toBeLessThanOrEqual(31);
      }),
    );
  });

  /** A name that can be read back belongs to one deployment (by the end of its uid), component, revision and attempt. */
  test("can be read back from the right, so that no two are the same", () => {
    fc.assert(
      fc.property(deployment, attempt, (one, of) => {
        const [, route, uid, letter, revision, epoch] = /^(.*-([^-]{6}))-([pt])(\d+)-(\d+)$/.exec(nameOf(one, of)) ?? [];
        expect(route).toBe(routeName(one));
        expect(uid).toBe(one.uid.slice(-6).toLowerCase());
        expect(letter).toBe(of.component[0]);
        expect([Number(revision), Number(epoch)]).toEqual([of.revision, of.epoch]);
      }),
    );
  });

  test("a re-created id gets names of its own", () => {
    const id = "card-scorer";
    const [first, second] = ["01JD7Z0000000000000000AAAA", "01JD7Z0000000000000000BBBB"] as const;
    expect(workloadName({ id, uid: first }, "predictor", 3, 12)).toBe("card-scorer-00aaaa-p3-12");
    expect(workloadName({ id, uid: second }, "transformer", 3, 12)).toBe("card-scorer-00bbbb-t3-12");
    expect(routeName({ id, uid: first })).toBe("card-scorer-00aaaa");
  });
});

describe("namespaces", () => {
  test("are DNS labels, and one belongs to one group in one environment", () => {
    fc.assert(
      fc.property(group, environment, group, environment, (firstGroup, firstEnvironment, secondGroup, secondEnvironment) => {
        const first = namespaceName("slipway", firstGroup, firstEnvironment);
        expect(first).toMatch(dns1035);
        expect(first.length).toBeLessThanOrEqual(63);
        const same = firstGroup === secondGroup && firstEnvironment === secondEnvironment;
        expect(first === namespaceName("slipway", secondGroup, secondEnvironment)).toBe(same);
      }),
    );
  });

  test("a prefix that leaves no room is refused in words", () => {
    expect(() => namespaceName("x".repeat(30), "g".repeat(30), "production")).toThrow(/72 characters, Kubernetes allows 63: shorten/);
  });
});

test("label values are what Kubernetes takes", () => {
  fc.assert(
    fc.property(deployment, group, (one, of) => {
      for (const value of Object.values(ownLabels({ ...one, group: of }))) {
        expect(value).toMatch(labelValue);
        expect(value.length).toBeLessThanOrEqual(63);
      }
    }),
  );
});
