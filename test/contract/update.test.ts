import { describe, expect, it } from "vitest";
import { applyPatch } from "../../contract/update.ts";
import type { Specification } from "../../domain/specification.ts";
import { create, errorsOf, leastBody, pathsOf } from "./bodies.ts";

const stored: Specification = {
  ...create({ ...leastBody, metadata: { team: "risk", tier: "2" }, description: "old", update_message: "first" }).specification,
};

describe("an update", () => {
  it("changes what it names and nothing else", () => {
    const patch = { predictor: { runtime: "onnx", model: { version: 2 } }, update_message: "second" };
    const { specification, changed } = applyPatch(stored, patch);
    expect(changed).toBe(true);
    expect(specification).toEqual({
      ...stored,
      update_message: "second",
      predictor: { ...stored.predictor, model: { name: "iris", version: 2 } },
    });
  });

  it("leaves to another version what serves it, and changes nothing when it names the version that is there", () => {
    expect(applyPatch(stored, { predictor: { model: { version: 2 } } }).specification.predictor.runtime).toBeNull();
    const same = applyPatch(stored, { predictor: { model: { name: "iris", version: 1 } } });
    expect(same).toMatchObject({ changed: false, specification: { predictor: { runtime: "onnx" } } });
  });

  it("puts a field back to its default with null", () => {
    const { specification } = applyPatch(stored, { description: null, metadata: { team: null }, rollout: null });
    expect(specification).toMatchObject({ description: "", metadata: { tier: "2" }, rollout: { drain_seconds: 30 } });
    expect(applyPatch(stored, { metadata: null }).specification.metadata).toEqual({});
  });

  it("closes a deployment when its access is put back to the default", () => {
    expect(applyPatch(stored, { access: null })).toMatchObject({ changed: true, specification: { access: "private" } });
  });

  it("moves from a model to a location, and to an image of one's own", () => {
    const location = applyPatch(stored, { predictor: { model: null, model_uri: "s3://artifacts/x" } }).specification;
    expect(location.predictor).toMatchObject({ runtime: "onnx", model: null, model_uri: "s3://artifacts/x" });
    const image = applyPatch(stored, { predictor: { model: null, runtime: null, image: "team/server:1" } }).specification;
    expect(image.predictor).toMatchObject({ runtime: null, model: null, image: "team/server:1" });
  });

  it("moves to another version though the stored revision says where the last one lay", () => {
    const resolved = { ...stored, predictor: { ...stored.predictor, model_uri: "s3://artifacts/iris/1" } };
    const update = applyPatch(resolved, { predictor: { model: { version: 2 } } });
    expect(update.specification.predictor).toMatchObject({ model: { version: 2 }, model_uri: null });
    expect(applyPatch(resolved, {}).changed).toBe(false);
  });

  it("adds a transformer, changes it alone, moves it from an image to a script, and takes it away", () => {
    const added = applyPatch(stored, { transformer: { image: "team/features:1" } });
    expect(added).toMatchObject({
      changed: true,
      specification: { predictor: stored.predictor, transformer: { image: "team/features:1" } },
    });
    const changed = applyPatch(added.specification, { transformer: { env: [{ name: "LEVEL", value: "2" }] } });
    expect(changed.specification.transformer).toMatchObject({ image: "team/features:1", env: [{ name: "LEVEL", value: "2" }] });
    const script = { image: null, runtime: "node", script_uri: "s3://scripts/t.mjs" };
    const scripted = applyPatch(changed.specification, { transformer: script });
    expect(scripted.specification.transformer).toMatchObject({ ...script, env: [{ name: "LEVEL", value: "2" }] });
    const beside = applyPatch(scripted.specification, { transformer: { script_uri: null } });
    expect(beside.specification.transformer).not.toHaveProperty("script_uri");
    expect(applyPatch(beside.specification, { transformer: { runtime: "node" } }).changed).toBe(false);
    expect(applyPatch(beside.specification, { transformer: null })).toMatchObject({ changed: true, specification: { transformer: null } });
    expect(pathsOf(() => applyPatch(stored, { transformer: { env: [] } }))).toEqual(["transformer.image"]);
  });

  it.each([
    {},
    { update_message: "only words" },
    { description: "old" },
    { metadata: {} },
    { group: "demo", name: "Iris", id: "iris", environment: "staging" },
  ])("%j changes nothing that runs", (patch) => expect(applyPatch(stored, patch).changed).toBe(false));

  it("does not take over the last update's message", () => {
    expect(applyPatch(stored, { description: "new" }).specification.update_message).toBe("");
  });

  it.each([
    ["group", "fraud"],
    ["id", "other"],
    ["environment", "production"],
    ["name", "Other"],
    ["name", null],
  ])("never changes %s (to %j)", (field, value) => {
    expect(errorsOf(() => applyPatch(stored, { [field]: value }))).toEqual([
      { path: field, message: expect.stringContaining("never changes") },
    ]);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ predictor: null }, "predictor"],
    [{ predictor: { model: null } }, "predictor.model"],
    [{ predictor: { model_uri: "s3://artifacts/x" } }, "predictor.model_uri"],
    [{ predictor: { scaling_config: { min_replicas: 2 } } }, "predictor.scaling_config.max_replicas"],
    [{ predictor: { scaling_config: { min_replicas: 0 } } }, "predictor.scaling_config.min_replicas"],
    [{ predictor: "onnx" }, "predictor"],
    [{ metadata: { team: 1 } }, "metadata.team"],
    [{ start: true }, "start"],
    [{ specification: {} }, "specification"],
  ])("%j is judged as a whole with what is stored: refused at %s", (patch, path) =>
    expect(pathsOf(() => applyPatch(stored, patch))).toEqual([path]),
  );
});
