import { describe, expect, it } from "vitest";
import { create, pathsOf, withPredictor } from "./bodies.ts";

describe("a component", () => {
  it("may name what its server tells of itself", () => {
    const metricsOf = (metrics: unknown) => create(withPredictor({ metrics })).specification.predictor.metrics;
    expect(metricsOf({ names: ["reward_total"] })).toEqual({ path: "/metrics", names: ["reward_total"] });
    expect(metricsOf({ path: "/stats/prometheus", names: [] })).toEqual({ path: "/stats/prometheus", names: [] });
    expect(metricsOf({ names: ["a"], port: 8082 })).toEqual({ path: "/metrics", names: ["a"], port: 8082 });
    expect(pathsOf(() => create(withPredictor({ metrics: { names: ["a"], port: 9090 } })))).toEqual(["predictor.metrics.port"]);
    expect(pathsOf(() => create(withPredictor({ metrics: {} })))).toEqual(["predictor.metrics.names"]);
    expect(pathsOf(() => create(withPredictor({ metrics: { names: ["a-b"] } })))).toEqual(["predictor.metrics.names.0"]);
    expect(pathsOf(() => create(withPredictor({ metrics: { names: ["a", "a"] } })))).toEqual(["predictor.metrics.names"]);
    expect(pathsOf(() => create(withPredictor({ metrics: { names: Array.from({ length: 11 }, (_, n) => `a${n}`) } })))).toEqual([
      "predictor.metrics.names",
    ]);
    expect(pathsOf(() => create(withPredictor({ metrics: { path: "metrics", names: [] } })))).toEqual(["predictor.metrics.path"]);
    for (const path of ["//x y", "/../../pods"])
      expect(
        pathsOf(() => create(withPredictor({ metrics: { path, names: [] } }))),
        path,
      ).toContain("predictor.metrics.path");
  });

  it("may name where an image of one's own is asked how it is, below its own paths", () => {
    const own = { runtime: null, model: null, model_uri: null, image: "registry.example/bento:1" };
    const healthOf = (health: unknown) => create(withPredictor({ ...own, health })).specification.predictor.health;
    expect(healthOf({ live: "/livez", ready: "/readyz" })).toEqual({ live: "/livez", ready: "/readyz" });
    expect(healthOf({ ready: "/-/routes" })).toEqual({ live: "/v2/health/live", ready: "/-/routes" });
    expect(healthOf(undefined)).toBeUndefined();
    for (const live of ["livez", "//elsewhere", "/../../secrets", "/a b"])
      expect(
        pathsOf(() => healthOf({ live })),
        live,
      ).toContain("predictor.health.live");
    expect(pathsOf(() => create(withPredictor({ health: { live: "/livez" } })))).toEqual(["predictor.health"]);
  });
});
