import { describe, expect, test } from "vitest";
import { runtimeNames } from "../../../domain/catalogue/runtimes.ts";
import type { Placement } from "../../../domain/manifests/placement.ts";
import { slotObjects } from "../../../domain/manifests/slot.ts";
import type { ComponentSpecification } from "../../../domain/specification.ts";
import { aSpecification } from "../../doubles/deployments.ts";
import { find, type Loose, placement, podOf, predictor, withTransformer } from "./placement.ts";

describe("the pod", () => {
  const pod = podOf(slotObjects(placement({}, { rollout: { ...aSpecification().rollout, drain_seconds: 20, deadline_seconds: 900 } })));
  const [server] = pod.containers;

  test("downloads the model first", () => {
    expect(pod.initContainers).toMatchObject([
      {
        name: "storage-initializer",
        args: ["s3://models/card-fraud/3/", "/mnt/models"],
        securityContext: { readOnlyRootFilesystem: true },
      },
    ]);
    expect(server.volumeMounts).toContainEqual({ name: "model", mountPath: "/mnt/models", readOnly: true });
  });

  test("runs the runtime's server with its own arguments", () => {
    expect(server).toMatchObject({
      name: "predictor",
      image: "slipway/onnx-server:1",
      args: ["--model_name=card-fraud", "--model_dir=/mnt/models", "--http_port=8080"],
      ports: [{ name: "http", containerPort: 8080 }],
      terminationMessagePolicy: "FallbackToLogsOnError",
      resources: {
        requests: { cpu: "250m", memory: "512Mi", "ephemeral-storage": "1Gi" },
        limits: { memory: "512Mi", "ephemeral-storage": "10Gi" },
      },
    });
    expect(server.env).toContainEqual({ name: "HOME", value: "/tmp" });
  });

  test("has until the deadline to start, and longer to end than it drains", () => {
    expect(server.startupProbe).toMatchObject({
      httpGet: { path: "/v2/health/live", port: "http" },
      periodSeconds: 1,
      failureThreshold: 900,
    });
    expect(server.readinessProbe.httpGet).toEqual({ path: "/v2/models/card-fraud/ready", port: "http" });
    expect(server.lifecycle).toEqual({ preStop: { sleep: { seconds: 20 } } });
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(20);
    expect(find(slotObjects(placement()), "Deployment").spec.progressDeadlineSeconds).toBe(1810);
  });

  test("without a drain has no hook", () => {
    expect(podOf(slotObjects(placement())).containers[0].lifecycle).toBeUndefined();
  });

  test("of an own image has no download, and its file system is its own", () => {
    const base = placement(
      {},
      { predictor: predictor({ runtime: null, model: null, model_uri: null, image: "registry.example/own:1", image_pull_secret: "pull" }) },
    );
    const resolved = { predictor: { image: "registry.example/own:1", artifact_uri: null, model_name: "own" }, transformer: null };
    const own = podOf(slotObjects({ ...base, revision: { ...base.revision, resolved } }));
    expect(own.initContainers).toBeUndefined();
    expect(own.imagePullSecrets).toEqual([{ name: "pull" }]);
    expect(own.volumes.map(({ name }: { name: string }) => name)).toEqual(["tmp"]);
    expect(own.containers[0].securityContext.readOnlyRootFilesystem).toBe(false);
    expect(own.containers[0].readinessProbe.httpGet.path).toBe("/v2/health/ready");
    const health = { live: "/livez", ready: "/readyz" };
    const told = { ...base.revision.specification, predictor: { ...base.revision.specification.predictor, health } };
    const [server] = podOf(slotObjects({ ...base, revision: { ...base.revision, resolved, specification: told } })).containers;
    const paths = [server.startupProbe, server.livenessProbe, server.readinessProbe].map(({ httpGet }: Loose) => httpGet.path);
    expect(paths).toEqual(["/livez", "/livez", "/readyz"]);
  });

  test("on a GPU asks for it, tolerates its node's taint and shares memory", () => {
    const gpu = podOf(slotObjects(placement({}, { predictor: predictor({ runtime: "vllm", instance_type: "gpu.standard" }) })));
    expect(gpu.containers[0].resources.limits["nvidia.com/gpu"]).toBe("1");
    expect(gpu.tolerations).toEqual([{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }]);
    expect(gpu.volumes).toContainEqual({ name: "shared-memory", emptyDir: { medium: "Memory", sizeLimit: "8Gi" } });
    expect(gpu.containers[0].volumeMounts).toContainEqual({ name: "shared-memory", mountPath: "/dev/shm" });
  });

  test.each(runtimeNames)("of %s declares each port on which its server listens", (runtime) => {
    const [container] = podOf(
      slotObjects(placement({}, { predictor: predictor({ runtime, metrics: { path: "/metrics", names: [] } }) })),
    ).containers;
    const told = [...container.args, ...container.env.map(({ value }: Loose) => value)].flatMap(
      (text: string) => /(?:^|port=)(\d{4})$/.exec(text)?.[1] ?? [],
    );
    const declared = container.ports.map(({ containerPort }: Loose) => String(containerPort));
    expect(declared[0]).toBe("8080");
    expect(declared.toSorted()).toEqual([...new Set(["8080", ...told])].toSorted());
  });

  test.each([
    [{ runtime: "gone" }, /runtime gone is not in the catalogue/],
    [{ instance_type: "cpu.huge" }, /instance type cpu.huge is not in the catalogue/],
  ])("of what the catalogue has lost is refused: %o", (over, message) => {
    expect(() => slotObjects(placement({}, { predictor: predictor(over) }))).toThrow(message);
  });
});

describe("a script", () => {
  const scripted = (over: Partial<ComponentSpecification>, artifact_uri: string | null): Placement => {
    const base = withTransformer();
    const transformer = { ...base.revision.specification.predictor, model_uri: null, runtime: "node", image: null, ...over };
    const resolved = { image: "slipway/node-script:1", artifact_uri, model_name: "card-fraud" };
    const { revision } = base;
    const specification = { ...revision.specification, transformer };
    return { ...base, revision: { ...revision, specification, resolved: { ...revision.resolved, transformer: resolved } } };
  };
  const variables = (pod: Loose) => Object.fromEntries(pod.containers[0].env.map(({ name, value }: Loose) => [name, value]));

  test("lies beside the model unless it is said where else", () => {
    const pod = podOf(slotObjects(scripted({}, "s3://models/card-fraud/3")), "transformer");
    expect(pod.initContainers[0].args).toEqual(["s3://models/card-fraud/3/", "/mnt/models"]);
    expect(variables(pod)).toMatchObject({ TRANSFORMER_SCRIPT: "/mnt/models/transformer.mjs", PREDICTOR_PROTOCOL: "v2" });
    expect(pod.containers[0]).toMatchObject({ image: "slipway/node-script:1", securityContext: { readOnlyRootFilesystem: true } });
    expect(pod.containers[0].readinessProbe.httpGet.path).toBe("/v2/health/ready");
  });

  test.each([
    [{ script_uri: "s3://scripts/features/2/" }, "/mnt/scripts/transformer.mjs"],
    [{ script_uri: "s3://scripts/features/2/", script: "src/features.ts" }, "/mnt/scripts/src/features.ts"],
    [{ script_uri: "s3://scripts/features.js" }, "/mnt/scripts/features.js"],
  ])("of its own, %o, is copied to a folder of its own", (over, file) => {
    const pod = podOf(slotObjects(scripted(over, null)), "transformer");
    expect(pod.initContainers[0].args).toEqual([over.script_uri, "/mnt/scripts"]);
    expect(pod.containers[0].volumeMounts).toContainEqual({ name: "script", mountPath: "/mnt/scripts", readOnly: true });
    expect(variables(pod).TRANSFORMER_SCRIPT).toBe(file);
  });

  test("may be the predictor, with the model beside it or elsewhere", () => {
    const over = { runtime: "node", script_uri: "s3://scripts/scorer.mjs" };
    const pod = podOf(slotObjects(placement({}, { predictor: predictor(over) })));
    expect(pod.initContainers[0].args).toEqual(["s3://models/card-fraud/3/", "/mnt/models", "s3://scripts/scorer.mjs", "/mnt/scripts"]);
    expect(pod.initContainers[0].volumeMounts.map(({ mountPath }: Loose) => mountPath)).toEqual(["/mnt/models", "/mnt/scripts", "/tmp"]);
    expect(pod.volumes.map(({ name }: Loose) => name)).toEqual(["model", "script", "tmp"]);
    expect(variables(pod)).toMatchObject({ PREDICTOR_SCRIPT: "/mnt/scripts/scorer.mjs" });
    expect(variables(pod)).not.toHaveProperty("PREDICTOR_HOST");
  });
});

describe("the environment", () => {
  const env = [
    { name: "LOG_LEVEL", value: "info" },
    { name: "HOME", value: "/tmp/mine" },
    { name: "PATTERN", value: "$(HOME) costs $$5" },
    { name: "PRICE", value: "$5" },
    { name: "API_KEY", secret: true as const },
  ];
  const objects = slotObjects(placement({ secrets: { predictor: { API_KEY: "s3cr€t", OLD: "x" } } }, { predictor: predictor({ env }) }));
  const given: Loose[] = podOf(objects).containers[0].env;
  const variable = (name: string) => given.filter((one) => one.name === name);

  test("takes a person's value over ours, once", () => {
    expect(variable("HOME")).toEqual([{ name: "HOME", value: "/tmp/mine" }]);
  });

  test("is meant as it stands: nothing in it is expanded", () => {
    expect(variable("PATTERN")).toEqual([{ name: "PATTERN", value: "$$(HOME) costs $$$$5" }]);
    expect(variable("PRICE")).toEqual([{ name: "PRICE", value: "$5" }]);
  });

  test("refers to secrets, whose values stand in an immutable Secret alone", () => {
    expect(variable("API_KEY")).toEqual([
      { name: "API_KEY", valueFrom: { secretKeyRef: { name: "card-scorer-00aaaa-p3-12", key: "API_KEY" } } },
    ]);
    const secret = find(objects, "Secret");
    expect(secret).toMatchObject({ immutable: true, type: "Opaque" });
    expect(Object.keys(secret.data)).toEqual(["API_KEY"]);
    expect(Buffer.from(secret.data.API_KEY, "base64").toString("utf8")).toBe("s3cr€t");
    expect(JSON.stringify(objects.filter(({ kind }) => kind !== "Secret"))).not.toContain("s3cr€t");
  });

  test("with a secret value that is missing is refused by name", () => {
    expect(() => slotObjects(placement({}, { predictor: predictor({ env }) }))).toThrow(/no value for API_KEY: give the secret/);
  });
});
