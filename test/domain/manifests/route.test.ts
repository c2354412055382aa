import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../../domain/kubernetes.ts";
import {
  backendsInUse,
  claimOf,
  claimOn,
  claimRoute,
  claimWithAccess,
  entryName,
  epochOf,
  hasAccess,
  isNewerClaim,
  type RouteState,
  routeBackends,
  routeHeaderValue,
  routeObject,
  setBackends,
  takeRouteAway,
} from "../../../domain/manifests/route.ts";
import { aHead, aSlot } from "../../doubles/deployments.ts";

const head = aHead({ uid: "01JD7Z0000000000000000AAAA" });
const closed = { ...head, access: "private" as const };
interface Rule {
  matches: object[];
  filters: object[];
}
const state: RouteState = { epoch: 7, step: 6, revision: 4, backends: [{ name: "card-scorer-00aaaa-p4-7", weight: 100 }] };

describe("the route", () => {
  test("leads one path, as the front marks it, to Services by weight", () => {
    expect(routeObject(head, state)).toEqual({
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: {
        name: "card-scorer-00aaaa",
        namespace: "slipway-fraud-production",
        labels: {
          "app.kubernetes.io/managed-by": "slipway",
          "slipway.dev/uid": head.uid,
          "slipway.dev/deployment": "card-scorer",
          "slipway.dev/group": "fraud",
        },
        annotations: { "slipway.dev/epoch": "7", "slipway.dev/step": "6" },
      },
      spec: {
        parentRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "slipway", namespace: "slipway-gateway" }],
        rules: [
          {
            matches: [
              {
                path: { type: "PathPrefix", value: "/endpoints/card-scorer" },
                headers: [{ type: "Exact", name: "X-Slipway-Access", value: "public" }],
              },
            ],
            filters: [
              { type: "URLRewrite", urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/" } } },
              { type: "ResponseHeaderModifier", responseHeaderModifier: { set: [{ name: "X-Slipway-Route", value: "7-4" }] } },
            ],
            backendRefs: [{ group: "", kind: "Service", name: "card-scorer-00aaaa-p4-7", port: 80, weight: 100 }],
          },
        ],
      },
    });
  });

  test("of a private deployment answers only whom the front let in as a client of this very deployment, and keeps the token from the model", () => {
    const [rule] = (routeObject(closed, state).spec as { rules: Rule[] }).rules;
    expect(rule?.matches).toEqual([
      {
        path: { type: "PathPrefix", value: "/endpoints/card-scorer" },
        headers: [
          { type: "Exact", name: "X-Slipway-Access", value: "client" },
          { type: "Exact", name: "X-Slipway-Deployment", value: head.uid },
        ],
      },
    ]);
    expect(rule?.filters).toContainEqual({ type: "RequestHeaderModifier", requestHeaderModifier: { remove: ["Authorization"] } });
  });
});

describe("changes", () => {
  test("carry what was read as their precondition", () => {
    expect(claimRoute({ epoch: 8, step: 2 }, "123")).toEqual({
      metadata: { resourceVersion: "123", annotations: { "slipway.dev/epoch": "8", "slipway.dev/step": "2" } },
    });
    expect(setBackends(head, state, "123")).toEqual({
      metadata: { resourceVersion: "123", annotations: { "slipway.dev/epoch": "7", "slipway.dev/step": "6" } },
      spec: { rules: (routeObject(head, state).spec as { rules: unknown }).rules },
    });
  });

  test("of the access leave where the traffic goes, and what else a rule does", () => {
    const backends = [
      { name: "old", weight: 90 },
      { name: "new", weight: 10 },
    ];
    for (const [from, to] of [
      [head, closed],
      [closed, head],
    ] as const) {
      const route = { ...routeObject(from, { ...state, backends }), metadata: { resourceVersion: "123" } };
      expect([hasAccess(route, from), hasAccess(route, to)]).toEqual([true, false]);
      const patch = claimWithAccess(route, to, { epoch: 8, step: 1 }) as KubernetesObject;
      expect(patch).toEqual({
        metadata: { resourceVersion: "123", annotations: { "slipway.dev/epoch": "8", "slipway.dev/step": "1" } },
        spec: { rules: (routeObject(to, { ...state, backends }).spec as { rules: Rule[] }).rules },
      });
      expect([hasAccess(patch, from), hasAccess(patch, to)]).toEqual([false, true]);
    }
  });

  test("away: the rule stays, so that the gateway answers for it, and nothing is behind it", () => {
    const patch = takeRouteAway(head, { epoch: 9, step: 1 }, "123") as { spec: { rules: object[] } };
    expect(patch.spec.rules).toHaveLength(1);
    expect(patch.spec.rules[0]).not.toHaveProperty("backendRefs");
    expect(JSON.stringify(patch)).toContain(`"value":"${routeHeaderValue({ epoch: 9, revision: null })}"`);
  });
});

describe("reading a route", () => {
  test("its epoch is 0 when nobody claimed it", () => {
    expect(epochOf(routeObject(head, state))).toBe(7);
    expect(epochOf({ apiVersion: "v1", kind: "HTTPRoute", metadata: {} })).toBe(0);
    expect(epochOf({ apiVersion: "v1", kind: "HTTPRoute", metadata: { annotations: { "slipway.dev/epoch": "mine" } } })).toBe(0);
  });

  test("a clean-up after an operation is newer than each of its steps, and older than the next epoch", () => {
    const afterwards = claimOf({ ...head, epoch: 7, active_operation: null });
    const last = claimOn(routeObject(head, { ...state, step: 40 }));
    expect(isNewerClaim(afterwards, last)).toBe(true);
    expect(claimOn(routeObject(head, { ...state, ...afterwards }))).toEqual(afterwards);
    expect(isNewerClaim(afterwards, afterwards)).toBe(false);
    expect(isNewerClaim({ epoch: 8, step: 1 }, afterwards)).toBe(true);
  });

  test("its step is 0 when it carries none", () => {
    const annotations = { "slipway.dev/epoch": "7" };
    expect(claimOn({ apiVersion: "v1", kind: "HTTPRoute", metadata: { annotations } })).toEqual({ epoch: 7, step: 0 });
  });

  test("what it uses has a weight, and no weight given means one", () => {
    const route = routeObject(head, { ...state, backends: [...state.backends, { name: "old", weight: 0 }] });
    expect(backendsInUse(route)).toEqual(["card-scorer-00aaaa-p4-7"]);
    const foreign = { apiVersion: "v1", kind: "HTTPRoute", metadata: {}, spec: { rules: [{ backendRefs: [{ name: "x" }] }, {}] } };
    expect(backendsInUse(foreign)).toEqual(["x"]);
    expect(backendsInUse({ apiVersion: "v1", kind: "HTTPRoute", metadata: {} })).toEqual([]);
  });
});

test("by the record, slots with weight are behind it, by their entrance", () => {
  const blue = aSlot({ revision: 3, epoch: 6, role: "warm" });
  const green = aSlot({ revision: 4, epoch: 7, role: "active", weight: 100, desired: { predictor: 1, transformer: 1 } });
  expect(routeBackends({ ...head, slots: { blue, green } })).toEqual([{ name: "card-scorer-00aaaa-t4-7", weight: 100 }]);
  expect(entryName(head, blue)).toBe("card-scorer-00aaaa-p3-6");
});
