import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../../domain/kubernetes.ts";
import type { Placement } from "../../../domain/manifests/placement.ts";
import { holdScaling, relaxScaling } from "../../../domain/manifests/scaler.ts";
import { slotObjects } from "../../../domain/manifests/slot.ts";
import type { Revision } from "../../../domain/revision.ts";
import type { ComponentSpecification, Specification } from "../../../domain/specification.ts";
import { aHead, aRevision, aSpecification } from "../../doubles/deployments.ts";

const uid = "01JD7Z0000000000000000AAAA";

function placement(over: Partial<Placement> = {}, specification: Partial<Specification> = {}): Placement {
  const revision: Revision = aRevision(3, { specification: aSpecification(specification) });
  return {
    deployment: aHead({ uid }),
    slot: "green",
    record: { revision: 3, epoch: 12, desired: { predictor: 2, transformer: null } },
    revision,
    secrets: {},
    ...over,
  };
}
const predictor = (over: Partial<Specification["predictor"]>) => ({ ...aSpecification().predictor, ...over });

/** The API's own shape, read as loosely as a test may. */
// biome-ignore lint/suspicious/noExplicitAny: an object of the Kubernetes API, of whatever kind
type Loose = any;
function find(objects: KubernetesObject[], kind: string, component = "predictor"): Loose {
  return objects.find((object) => object.kind === kind && object.metadata.labels?.["slipway.dev/component"] === component);
}
const podOf = (objects: KubernetesObject[], component = "predictor"): Loose => find(objects, "Deployment", component).spec.template.spec;

const withTransformer = (): Placement => {
  const transformer = {
    runtime: null,
    image: "registry.example/features:2",
    image_pull_secret: null,
    instance_type: "cpu.small",
    scaling_config: aSpecification().predictor.scaling_config,
    env: [],
  };
  const base = placement({}, { transformer });
  const resolved = { ...base.revision.resolved, transformer: { image: transformer.image, artifact_uri: null, model_name: "card-fraud" } };
  return { ...base, record: { ...base.record, desired: { predictor: 2, transformer: 1 } }, revision: { ...base.revision, resolved } };
};

describe("the objects of a slot", () => {
  test("share one name, labels and namespace, and come in the order of creation", () => {
    const env = [{ name: "API_KEY", secret: true as const }];
    const objects = slotObjects(placement({ secrets: { predictor: { API_KEY: "s3cr€t" } } }, { predictor: predictor({ env }) }));
    expect(objects.map(({ kind }) => kind)).toEqual(["Service", "Secret", "Deployment", "PodDisruptionBudget", "HorizontalPodAutoscaler"]);
    for (const { metadata } of objects) {
      expect(metadata).toEqual({
        name: "card-scorer-00aaaa-p3-12",
        namespace: "slipway-fraud-production",
        labels: {
          "app.kubernetes.io/managed-by": "slipway",
          "slipway.dev/uid": uid,
          "slipway.dev/deployment": "card-scorer",
          "slipway.dev/group": "fraud",
          "slipway.dev/revision": "3",
          "slipway.dev/epoch": "12",
          "slipway.dev/slot": "green",
          "slipway.dev/component": "predictor",
        },
      });
    }
  });

  test("of predictor and transformer stand apart; the transformer knows where the predictor is", () => {
    const objects = slotObjects(withTransformer());
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      "Service card-scorer-00aaaa-p3-12",
      "Deployment card-scorer-00aaaa-p3-12",
      "PodDisruptionBudget card-scorer-00aaaa-p3-12",
      "HorizontalPodAutoscaler card-scorer-00aaaa-p3-12",
      "Service card-scorer-00aaaa-t3-12",
      "Deployment card-scorer-00aaaa-t3-12",
      "HorizontalPodAutoscaler card-scorer-00aaaa-t3-12",
    ]);
    const [server] = podOf(objects, "transformer").containers;
    expect(server).toMatchObject({ name: "transformer", image: "registry.example/features:2" });
    expect(server.env).toContainEqual({ name: "PREDICTOR_HOST", value: "card-scorer-00aaaa-p3-12.slipway-fraud-production:80" });
    expect(server.env).toContainEqual({ name: "PREDICTOR_PROTOCOL", value: "v2" });
    expect(server.env).toContainEqual({ name: "MODEL_NAME", value: "card-fraud" });
    expect(JSON.stringify(podOf(objects).containers[0].env)).not.toContain("PREDICTOR_HOST");
  });

  test("let the predictor outlast the transformer, which still asks it for what it has begun", () => {
    const base = withTransformer();
    const drains = (drain_seconds: number) => {
      const specification = { ...base.revision.specification, rollout: { ...base.revision.specification.rollout, drain_seconds } };
      const objects = slotObjects({ ...base, revision: { ...base.revision, specification } });
      return ["predictor", "transformer"].map((component) => podOf(objects, component).containers[0].lifecycle?.preStop.sleep.seconds);
    };
    expect(drains(20)).toEqual([25, 20]);
    expect(drains(0)).toEqual([undefined, undefined]);
  });

  test("select each other and nothing of another attempt", () => {
    const objects = slotObjects(placement());
    const selector = { "slipway.dev/uid": uid, "slipway.dev/epoch": "12", "slipway.dev/component": "predictor" };
    expect(find(objects, "Service").spec.selector).toEqual(selector);
    expect(find(objects, "Deployment").spec.selector.matchLabels).toEqual(selector);
    expect(find(objects, "Deployment").spec.template.metadata.labels).toMatchObject(selector);
    expect(find(objects, "PodDisruptionBudget").spec.selector.matchLabels).toEqual(selector);
    expect(find(objects, "HorizontalPodAutoscaler").spec.scaleTargetRef.name).toBe(find(objects, "Deployment").metadata.name);
  });

  test("hang on revision, slot record and catalogue alone", () => {
    const one = placement();
    const moved = {
      ...one,
      deployment: aHead({
        uid,
        version: 40,
        epoch: 99,
        name: "renamed",
        access: "private",
        revisions: { latest: 9, wanted: 9, running: 1, served: [] },
      }),
    };
    expect(slotObjects(moved)).toEqual(slotObjects(one));
  });
});

describe("the pod", () => {
  const pod = podOf(slotObjects(placement({}, { rollout: { ...aSpecification().rollout, drain_seconds: 20, deadline_seconds: 900 } })));
  const [server] = pod.containers;

  test("downloads the model first", () => {
    expect(pod.initContainers).toMatchObject([
      { name: "storage-initializer", args: ["s3://models/card-fraud/3", "/mnt/models"], securityContext: { readOnlyRootFilesystem: true } },
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
    expect(find(slotObjects(placement()), "Deployment").spec.progressDeadlineSeconds).toBe(1800);
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
  });

  test("on a GPU asks for it, tolerates its node's taint and shares memory", () => {
    const gpu = podOf(slotObjects(placement({}, { predictor: predictor({ runtime: "vllm", instance_type: "gpu.standard" }) })));
    expect(gpu.containers[0].resources.limits["nvidia.com/gpu"]).toBe("1");
    expect(gpu.tolerations).toEqual([{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }]);
    expect(gpu.volumes).toContainEqual({ name: "shared-memory", emptyDir: { medium: "Memory", sizeLimit: "8Gi" } });
    expect(gpu.containers[0].volumeMounts).toContainEqual({ name: "shared-memory", mountPath: "/dev/shm" });
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
    expect(pod.initContainers[0].args).toEqual(["s3://models/card-fraud/3", "/mnt/models"]);
    expect(variables(pod)).toMatchObject({ TRANSFORMER_SCRIPT: "/mnt/models/transformer.mjs", PREDICTOR_PROTOCOL: "v2" });
    expect(pod.containers[0]).toMatchObject({ image: "slipway/node-script:1", securityContext: { readOnlyRootFilesystem: true } });
    expect(pod.containers[0].readinessProbe.httpGet.path).toBe("/v2/health/ready");
  });

  test.each([
    [{ script_uri: "s3://scripts/features/2" }, "/mnt/scripts/transformer.mjs"],
    [{ script_uri: "s3://scripts/features/2", script: "src/features.ts" }, "/mnt/scripts/src/features.ts"],
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
    expect(pod.initContainers[0].args).toEqual(["s3://models/card-fraud/3", "/mnt/models", "s3://scripts/scorer.mjs", "/mnt/scripts"]);
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

describe("size", () => {
  const scaling_config = { min_replicas: 1, max_replicas: 10, target_cpu_utilization: 60, cooldown_period: 7200 };
  const sized = (desired: number) =>
    slotObjects(
      placement(
        { record: { revision: 3, epoch: 12, desired: { predictor: desired, transformer: null } } },
        { predictor: predictor({ scaling_config }) },
      ),
    );

  test("is held while the operation lasts, then the HPA's own", () => {
    const { spec } = find(sized(4), "HorizontalPodAutoscaler");
    expect(spec).toMatchObject({
      minReplicas: 4,
      maxReplicas: 10,
      behavior: { scaleDown: { stabilizationWindowSeconds: 3600, selectPolicy: "Disabled" } },
    });
    expect(spec.metrics[0].resource.target).toEqual({ type: "Utilization", averageUtilization: 60 });
    expect(relaxScaling(scaling_config)).toEqual({ spec: { minReplicas: 1, behavior: { scaleDown: { selectPolicy: "Max" } } } });
    expect(holdScaling(4)).toEqual({ spec: { minReplicas: 4, behavior: { scaleDown: { selectPolicy: "Disabled" } } } });
  });

  test("never contradicts itself", () => {
    expect(find(sized(12), "HorizontalPodAutoscaler").spec).toMatchObject({ minReplicas: 12, maxReplicas: 12 });
  });

  test("of one has no disruption budget, of more lets one go at a time", () => {
    expect(find(sized(1), "PodDisruptionBudget")).toBeUndefined();
    expect(find(sized(2), "PodDisruptionBudget").spec).toMatchObject({ maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow" });
  });
});
