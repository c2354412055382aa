// cspell:ignore imgae enviroment lrage smal brulee nihongo
import { describe, expect, it } from "vitest";
import { runtimeNames, runtimes } from "../../domain/catalogue/runtimes.ts";
import type { Specification } from "../../domain/specification.ts";
import { create, errorsOf, leastBody, pathsOf, problemOf, withPredictor } from "./bodies.ts";

describe("a create body", () => {
  it("gets every default", () => {
    const specification: Specification = {
      group: "demo",
      name: "Iris",
      id: "iris",
      environment: "staging",
      description: "",
      update_message: "",
      predictor: {
        runtime: "onnx",
        image: null,
        image_pull_secret: null,
        model: { name: "iris", version: 1 },
        model_uri: null,
        instance_type: "cpu.small",
        scaling_config: { min_replicas: 1, max_replicas: 1, target_cpu_utilization: 60, cooldown_period: 300 },
        env: [],
      },
      transformer: null,
      metadata: {},
      access: "public",
      enable_monitoring: false,
      rollout: {
        strategy: "all_at_once",
        final_bake_seconds: 0,
        drain_seconds: 30,
        warm_seconds: 600,
        deadline_seconds: 1800,
        manual_promotion: false,
        auto_rollback: null,
      },
      smoke_tests: [],
    };
    expect(create(leastBody)).toEqual({ specification, secret_values: { predictor: {}, transformer: {} }, start: true });
  });

  it("may say not to start, and its own id", () => {
    expect(create({ ...leastBody, start: false, id: "my-iris" })).toMatchObject({ start: false, specification: { id: "my-iris" } });
  });

  it("names every unknown field and the nearest known one, and repeats no value of it", () => {
    const errors = errorsOf(() => create({ ...withPredictor({ imgae: "x", zzz: "y" }), enviroment: "z" }));
    expect(errors).toEqual([
      { path: "predictor.imgae", message: 'unknown field "imgae": did you mean "image"?' },
      { path: "predictor.zzz", message: expect.stringMatching(/^unknown field "zzz": known: runtime, image, model/) },
      { path: "enviroment", message: 'unknown field "enviroment": did you mean "environment"?' },
    ]);
  });

  it("says what is missing", () => {
    expect(pathsOf(() => create({}))).toEqual(["group", "name", "environment", "predictor"]);
    expect(problemOf(() => create({})).message).toContain("group: missing");
  });

  it.each([undefined, null, "text", 7, [], true])("is an object, not %j", (body) =>
    expect(problemOf(() => create(body)).code).toBe("invalid-input"),
  );

  it("wants an id where none can be made of the name", () => {
    expect(pathsOf(() => create({ ...leastBody, name: "日本語" }))).toEqual(["id"]);
    expect(create({ ...leastBody, name: "日本語", id: "nihongo" }).specification.name).toBe("日本語");
  });

  it.each<[string, unknown]>([
    ["group", "Demo"],
    ["group", ""],
    ["environment", "pro-duction"],
    ["name", ""],
    ["name", "   "],
    ["name", "a\nb"],
    ["name", "a".repeat(101)],
    ["id", "Iris"],
    ["id", "i"],
    ["description", "a\u0007"],
    ["update_message", "m".repeat(501)],
    ["access", "everybody"],
    ["start", "yes"],
  ])("with %s %j is refused there", (field, value) => expect(pathsOf(() => create({ ...leastBody, [field]: value }))).toEqual([field]));

  it.each<[string, unknown]>([
    ["metadata.", { "": "x" }],
    ["metadata.team", { team: 7 }],
    ["metadata.team", { team: "t".repeat(257) }],
    ["metadata.-a", { "-a": "x" }],
    ["metadata", Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, "v"]))],
  ])("refuses at %s the metadata %j", (path, metadata) => expect(pathsOf(() => create({ ...leastBody, metadata }))).toEqual([path]));
});

describe("what to run", () => {
  const run = (fields: object) => () => create({ ...leastBody, predictor: fields });

  it.each([
    { runtime: "onnx", model: { name: "iris", version: 1 } },
    { runtime: "sklearn", model_uri: "s3://artifacts/x" },
    { image: "registry.example/team/server:1" },
    { runtime: "vllm", model_uri: "hf://org/model", instance_type: "gpu.standard" },
    { runtime: "node", model: { name: "iris", version: 1 } },
    { runtime: "node", model_uri: "s3://artifacts/x", script: "src/predictor.ts" },
    { runtime: "node", script_uri: "s3://scripts/rules.mjs" },
  ])("may be %j", (fields) => expect(run(fields)().specification.predictor).toMatchObject(fields));

  it.each([
    [{}, "predictor.runtime"],
    [{ runtime: "onnx" }, "predictor.model"],
    [{ model_uri: "s3://a1b/c" }, "predictor.runtime"],
    [{ runtime: "onnx", model: { name: "iris", version: 1 }, model_uri: "s3://abc/d" }, "predictor.model_uri"],
    [{ runtime: "onnx", image: "a", model_uri: "s3://abc/d" }, "predictor.image"],
    [{ image: "a", model_uri: "s3://abc/d" }, "predictor.model_uri"],
    [{ image: "a", model: { name: "iris", version: 1 } }, "predictor.model"],
    [{ image: "https://registry.example/a" }, "predictor.image"],
    [{ runtime: "onyx", model_uri: "s3://abc/d" }, "predictor.runtime"],
    [{ runtime: "onnx", model: { name: "iris", version: 0 } }, "predictor.model.version"],
    [{ runtime: "onnx", model: { name: "iris" } }, "predictor.model.version"],
    [{ runtime: "onnx", model_uri: "ftp://abc/d" }, "predictor.model_uri"],
    [{ runtime: "onnx", model_uri: "s3://abc/d", image_pull_secret: "Not A Name" }, "predictor.image_pull_secret"],
    [{ runtime: "onnx", model_uri: "s3://abc/d", instance_type: "cpu.smal" }, "predictor.instance_type"],
    [{ runtime: "vllm", model_uri: "hf://org/model" }, "predictor.instance_type"],
    [{ runtime: "node" }, "predictor.model"],
    [{ runtime: "node", script: "predictor.mjs" }, "predictor.model"],
    [{ runtime: "onnx", model_uri: "s3://abc/d", script: "predictor.mjs" }, "predictor.script"],
    [{ runtime: "onnx", model_uri: "s3://abc/d", script_uri: "s3://abc/e.mjs" }, "predictor.script_uri"],
    [{ image: "a", script: "predictor.mjs" }, "predictor.script"],
    [{ runtime: "node", script_uri: "file:///etc/passwd" }, "predictor.script_uri"],
    ...["", "/etc/x.mjs", "../x.mjs", "a/../x.mjs", "a//x.mjs", "a b.mjs", "x.py", "x", "$(HOME).mjs", `${"a".repeat(256)}.mjs`].map(
      (script) => [{ runtime: "node", model_uri: "s3://abc/d", script }, "predictor.script"] as [object, string],
    ),
  ])("%j is refused at %s", (fields, path) => expect(pathsOf(run(fields))).toEqual([path]));

  it("names the nearest runtime and instance type", () => {
    expect(errorsOf(run({ runtime: "onyx", model_uri: "s3://abc/d", instance_type: "cpu.lrage" })).map((error) => error.message)).toEqual([
      'no such runtime: did you mean "onnx"?',
      'no such instance type: did you mean "cpu.large"?',
    ]);
  });

  it.each(runtimeNames)("may be the runtime %s", (runtime) => {
    const instance_type = runtimes[runtime].needs_gpu ? "gpu.standard" : "cpu.standard";
    expect(run({ runtime, model_uri: "s3://abc/d", instance_type })().specification.predictor.runtime).toBe(runtime);
  });
});

describe("a transformer", () => {
  const image = "registry.example/team/features:1";
  const run = (transformer: object, predictor: object = leastBody.predictor) => create({ ...leastBody, predictor, transformer });

  it("gets every default", () => {
    const { instance_type, scaling_config } = create(leastBody).specification.predictor;
    const rest = { image_pull_secret: null, instance_type, scaling_config, env: [] };
    expect(run({ image }).specification.transformer).toEqual({ runtime: null, image, ...rest });
    expect(run({ runtime: "node" }).specification.transformer).toEqual({ runtime: "node", image: null, ...rest });
  });

  it("has secrets of its own, which are taken out of it", () => {
    const { specification, secret_values } = run({ image, env: [{ name: "TOKEN", value: "t", secret: true }] });
    expect(secret_values).toEqual({ predictor: {}, transformer: { TOKEN: "t" } });
    expect(specification.transformer?.env).toEqual([{ name: "TOKEN", secret: true }]);
  });

  it.each([
    [{}, "transformer.image"],
    [{ image, runtime: "node" }, "transformer.image"],
    [{ image, script: "transformer.mjs" }, "transformer.script"],
    [{ image, script_uri: "s3://scripts/t.mjs" }, "transformer.script_uri"],
    [{ runtime: "onnx" }, "transformer.runtime"],
    [{ runtime: "node", script: "../transformer.mjs" }, "transformer.script"],
    [{ runtime: "node", script: "transformer.py" }, "transformer.script"],
    [{ runtime: "node", script_uri: "s3://scripts" }, "transformer.script_uri"],
    [{ image, model_uri: "s3://abc/d" }, "transformer.model_uri"],
    [{ image: "https://registry.example/a" }, "transformer.image"],
    [{ image, scaling_config: { min_replicas: 0 } }, "transformer.scaling_config.min_replicas"],
    [{ image, scaling_config: { min_replicas: 3, max_replicas: 2 } }, "transformer.scaling_config.max_replicas"],
    [{ image, instance_type: "cpu.tiny" }, "transformer.instance_type"],
    [{ image, env: [{ name: "TOKEN", secret: true }] }, "transformer.env.0.value"],
    [{ image, env: [{ name: "LEVEL" }] }, "transformer.env.0.value"],
  ])("%j is refused at %s", (transformer, path) => expect(pathsOf(() => run(transformer))).toEqual([path]));

  it("needs to be told where its script is when there is no artifact that it could lie in", () => {
    const own = { image: "registry.example/team/server:1" };
    expect(pathsOf(() => run({ runtime: "node" }, own))).toEqual(["transformer.script_uri"]);
    expect(run({ runtime: "node", script_uri: "s3://scripts/t.mjs" }, own).specification.transformer).toMatchObject({ runtime: "node" });
  });

  it("of a script cannot stand before completions; an image can", () => {
    const completions = { runtime: "vllm", model_uri: "hf://org/model", instance_type: "gpu.standard" };
    expect(pathsOf(() => run({ runtime: "node" }, completions))).toEqual(["transformer.runtime"]);
    expect(run({ image }, completions).specification.transformer).toMatchObject({ image });
  });
});

describe("scaling", () => {
  const scale = (scaling_config: object) => () => create(withPredictor({ scaling_config })).specification.predictor.scaling_config;

  it("holds as many instances as asked for, and no more unless told", () => {
    expect(scale({ min_replicas: 3 })()).toMatchObject({ min_replicas: 3, max_replicas: 3 });
    expect(scale({ min_replicas: 2, max_replicas: 10 })()).toMatchObject({ min_replicas: 2, max_replicas: 10 });
  });

  it.each([
    [{ min_replicas: 0 }, "min_replicas"],
    [{ min_replicas: -1 }, "min_replicas"],
    [{ min_replicas: 1.5 }, "min_replicas"],
    [{ min_replicas: 101 }, "min_replicas"],
    [{ min_replicas: "2" }, "min_replicas"],
    [{ min_replicas: 3, max_replicas: 2 }, "max_replicas"],
    [{ max_replicas: 101 }, "max_replicas"],
    [{ target_cpu_utilization: 0 }, "target_cpu_utilization"],
    [{ target_cpu_utilization: 101 }, "target_cpu_utilization"],
    [{ cooldown_period: -1 }, "cooldown_period"],
    [{ cooldown_period: 3601 }, "cooldown_period"],
    [{ min: 1 }, "min"],
  ])("%j is refused at %s", (config, field) => expect(pathsOf(scale(config))).toEqual([`predictor.scaling_config.${field}`]));

  it("says why nothing can be scaled to zero", () => {
    expect(problemOf(scale({ min_replicas: 0 })).message).toContain("nothing in the cluster could wake");
  });
});

describe("the rollout policy", () => {
  const roll = (rollout: object) => () => create({ ...leastBody, rollout }).specification.rollout;

  it.each([
    { strategy: "canary", percent: 10, bake_seconds: 300, final_bake_seconds: 60, warm_seconds: 0, manual_promotion: true },
    { strategy: "linear", step_percent: 25, bake_seconds: 300, deadline_seconds: 901 },
    { final_bake_seconds: 1799 },
    { auto_rollback: { error_rate_percent: 0.5, latency_p95_ms: 250, min_requests: 10, alarms: ["revenue"] } },
  ])("takes %j", (rollout) => expect(roll(rollout)()).toMatchObject(rollout));

  it.each([{ error_rate_percent: 1 }, { latency_p95_ms: 500 }, { alarms: ["revenue"] }])(
    "judges by %j alone, and says what is not judged",
    (auto_rollback) => {
      const usual = { error_rate_percent: null, latency_p95_ms: null, min_requests: 50, alarms: [] };
      expect(roll({ auto_rollback })().auto_rollback).toEqual({ ...usual, ...auto_rollback });
    },
  );

  it("takes what is built", () => {
    expect(roll({ strategy: "recreate", drain_seconds: 0, deadline_seconds: 28_800 })()).toMatchObject({
      strategy: "recreate",
      drain_seconds: 0,
      deadline_seconds: 28_800,
    });
  });

  it.each([
    [{ strategy: "all-at-once" }, "strategy"],
    [{ drain_seconds: 3601 }, "drain_seconds"],
    [{ drain_seconds: null }, "drain_seconds"],
    [{ deadline_seconds: 59 }, "deadline_seconds"],
    [{ deadline_seconds: 28_801 }, "deadline_seconds"],
    [{ deadline_secs: 60 }, "deadline_secs"],
    [{ strategy: "canary" }, "percent"],
    [{ strategy: "canary", percent: 51 }, "percent"],
    [{ strategy: "canary", percent: 10, step_percent: 10 }, "step_percent"],
    [{ strategy: "linear" }, "step_percent"],
    [{ strategy: "linear", step_percent: 4 }, "step_percent"],
    [{ strategy: "linear", step_percent: 20, percent: 10 }, "percent"],
    [{ percent: 10 }, "percent"],
    [{ bake_seconds: 10 }, "bake_seconds"],
    [{ strategy: "recreate", final_bake_seconds: 1 }, "final_bake_seconds"],
    [{ strategy: "recreate", manual_promotion: true }, "manual_promotion"],
    [{ final_bake_seconds: 1800 }, "deadline_seconds"],
    [{ auto_rollback: {} }, "auto_rollback"],
    [{ auto_rollback: { error_rate_percent: null, min_requests: 10 } }, "auto_rollback"],
    [{ auto_rollback: { error_rate_percent: 101 } }, "auto_rollback.error_rate_percent"],
    [{ strategy: "canary", percent: 10, bake_seconds: 1000, final_bake_seconds: 800 }, "deadline_seconds"],
    [{ strategy: "linear", step_percent: 25, bake_seconds: 600 }, "deadline_seconds"],
  ])("%j is refused at %s", (rollout, field) => expect(pathsOf(roll(rollout))).toEqual([`rollout.${field}`]));
});
