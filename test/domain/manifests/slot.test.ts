import { describe, expect, test } from "vitest";
import { holdScaling, relaxScaling } from "../../../domain/manifests/scaler.ts";
import { slotObjects } from "../../../domain/manifests/slot.ts";
import { aHead, autoscaled } from "../../doubles/deployments.ts";
import { find, placement, podOf, predictor, uid, withTransformer } from "./placement.ts";

describe("the objects of a slot", () => {
  test("share one name, labels and namespace, and come in the order of creation", () => {
    const env = [{ name: "API_KEY", secret: true as const }];
    const objects = slotObjects(
      placement({ secrets: { predictor: { API_KEY: "s3cr€t" } } }, { predictor: { ...autoscaled().predictor, env } }),
    );
    expect(objects.map(({ kind }) => kind)).toEqual(["Service", "Secret", "Deployment", "PodDisruptionBudget", "HorizontalPodAutoscaler"]);
    for (const { annotations: _, ...metadata } of objects.map((object) => object.metadata)) {
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
    const objects = slotObjects(withTransformer(autoscaled().predictor.scaling_config));
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

  test("have an address only for who asks by name: the predictor behind a transformer", () => {
    const addresses = (objects: ReturnType<typeof slotObjects>) =>
      objects.filter(({ kind }) => kind === "Service").map(({ spec }) => (spec as { clusterIP?: string }).clusterIP);
    expect(addresses(slotObjects(placement()))).toEqual(["None"]);
    expect(addresses(slotObjects(withTransformer()))).toEqual([undefined, "None"]);
  });

  test("say on the Service what its servers tell of themselves: what the person names, or what the runtime is known for", () => {
    const told = (over: Parameters<typeof predictor>[0]) => {
      const { annotations } = find(slotObjects(placement({}, { predictor: predictor(over) })), "Service").metadata;
      return annotations && JSON.parse(annotations["slipway.dev/metrics"]);
    };
    const names = ["inference_requests_total", "inference_seconds", "inference_waiting"];
    expect(told({ runtime: "onnx" })).toEqual({ port: 8080, path: "/metrics", names });
    expect(told({ metrics: { path: "/stats", names: ["reward_total"] } })).toEqual({ port: 8080, path: "/stats", names: ["reward_total"] });
    expect(told({ metrics: { path: "/metrics", names: [] } })).toBeUndefined();
    expect(told({ runtime: null, image: "card:1", model: null, model_uri: null })).toBeUndefined();
    expect(told({ runtime: "tensorflow" })).toBeUndefined();
  });

  test("declare the port at which a server tells of itself, where it is not the one where it serves", () => {
    const on = (over: Parameters<typeof predictor>[0]) => {
      const objects = slotObjects(placement({}, { predictor: predictor(over) }));
      const { port } = JSON.parse(find(objects, "Service").metadata.annotations?.["slipway.dev/metrics"] ?? "{}");
      return { port, ports: podOf(objects).containers[0].ports };
    };
    const own = { name: "http", containerPort: 8080 };
    const other = { name: "metrics", containerPort: 8082 };
    const grpc = { name: "grpc", containerPort: 9000 };
    expect(on({ runtime: "onnx" })).toEqual({ port: 8080, ports: [own] });
    for (const runtime of ["mlflow", "mlserver", "triton"])
      expect(on({ runtime }), runtime).toEqual({ port: 8082, ports: [own, other, grpc] });
    const metrics = { path: "/metrics", names: ["reward_total"] };
    expect(on({ runtime: "mlserver", metrics })).toEqual({ port: 8082, ports: [own, other, grpc] });
    expect(on({ runtime: "mlserver", metrics: { ...metrics, port: 8080 } })).toEqual({ port: 8080, ports: [own, other, grpc] });
    expect(on({ runtime: "onnx", metrics: { ...metrics, port: 8082 } })).toEqual({ port: 8082, ports: [own, other] });
    // It listens there all the same.
    expect(on({ runtime: "triton", metrics: { ...metrics, names: [] } })).toEqual({ port: undefined, ports: [own, other, grpc] });
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
    const objects = slotObjects(placement({}, autoscaled()));
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

  test("that is the only one has no autoscaler, and its Deployment says so", () => {
    const annotation = "slipway.dev/fixed-size";
    const fixed = slotObjects(placement());
    expect(find(fixed, "HorizontalPodAutoscaler")).toBeUndefined();
    expect(find(fixed, "Deployment").metadata.annotations).toEqual({ [annotation]: "true" });
    expect(find(sized(2), "Deployment").metadata.annotations).toBeUndefined();
  });

  test("never contradicts itself", () => {
    expect(find(sized(12), "HorizontalPodAutoscaler").spec).toMatchObject({ minReplicas: 12, maxReplicas: 12 });
  });

  test("of one has no disruption budget, of more lets one go at a time", () => {
    expect(find(sized(1), "PodDisruptionBudget")).toBeUndefined();
    expect(find(sized(2), "PodDisruptionBudget").spec).toMatchObject({ maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow" });
  });
});
