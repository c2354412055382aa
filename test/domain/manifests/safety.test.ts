import fc from "fast-check";
import { expect, test } from "vitest";
import { instanceTypeNames } from "../../../domain/catalogue/instance-types.ts";
import { runtimeNames } from "../../../domain/catalogue/runtimes.ts";
import { slotObjects } from "../../../domain/manifests/slot.ts";
import type { ComponentSpecification, EnvVariable, PredictorSpecification } from "../../../domain/specification.ts";
import { aHead, aRevision, aSpecification } from "../../doubles/deployments.ts";

/** Words that would widen a pod's rights, were a value ever to become a field. */
const dangerous = [
  "hostNetwork",
  "hostPID",
  "hostIPC",
  "hostPath",
  "privileged",
  "serviceAccountName",
  "capabilities",
  "SYS_ADMIN",
  "default",
  "__proto__",
  "0",
];
const text = fc.oneof(
  fc.string(),
  fc.constantFrom(...dangerous),
  fc.constantFrom('{"hostPath":{"path":"/"}}', "$(KUBERNETES_SERVICE_HOST)", "a\nprivileged: true"),
);
const env: fc.Arbitrary<EnvVariable[]> = fc.array(
  fc.oneof(fc.record({ name: text, value: text }), fc.record({ name: text, secret: fc.constant(true as const) })),
  { maxLength: 4 },
);
const count = fc.integer({ min: 0, max: 50 });
const component: fc.Arbitrary<ComponentSpecification> = fc.record({
  runtime: fc.option(fc.constantFrom(...runtimeNames)),
  image: text,
  script: fc.option(text, { nil: undefined }),
  script_uri: fc.option(text, { nil: undefined }),
  image_pull_secret: fc.option(text),
  instance_type: fc.constantFrom(...instanceTypeNames),
  scaling_config: fc.record({ min_replicas: count, max_replicas: count, target_cpu_utilization: count, cooldown_period: count }),
  env,
});
const predictor: fc.Arbitrary<PredictorSpecification> = fc
  .tuple(component, fc.option(text))
  .map(([own, model_uri]) => ({ ...own, model: null, model_uri }));
const resolved = fc.record({ image: text, artifact_uri: fc.option(text), model_name: text });

const placements = fc
  .record({ predictor, transformer: fc.option(component), resolved, other: resolved, drain: count, deadline: count, desired: count })
  .map((given) => {
    const { predictor: first, transformer, drain, deadline, desired } = given;
    const base = aSpecification();
    const specification = {
      ...base,
      predictor: first,
      transformer,
      rollout: { ...base.rollout, drain_seconds: drain, deadline_seconds: deadline },
    };
    const values = (variables: EnvVariable[]) => Object.fromEntries(variables.map(({ name }) => [name, "value"]));
    return {
      deployment: aHead(),
      slot: "blue" as const,
      record: { revision: 1, epoch: 1, desired: { predictor: desired, transformer: transformer ? desired : null } },
      revision: aRevision(1, { specification, resolved: { predictor: given.resolved, transformer: transformer ? given.other : null } }),
      secrets: { predictor: values(first.env), ...(transformer && { transformer: values(transformer.env) }) },
    };
  });

/** Every field of an object with the path that leads to it. */
function* fieldsOf(value: unknown, path: string[] = []): Generator<{ path: string[]; value: unknown }> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    yield { path: [...path, key], value: inner };
    yield* fieldsOf(inner, [...path, key]);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: objects of the Kubernetes API
type Loose = any;
const forbiddenFields = [
  "hostNetwork",
  "hostPID",
  "hostIPC",
  "hostPath",
  "hostPort",
  "hostUsers",
  "nodeName",
  "procMount",
  "sysctls",
  "ephemeralContainers",
  "downwardAPI",
  "projected",
  "configMapKeyRef",
  "fieldRef",
  "envFrom",
];

test("no specification can widen what a pod may do", () => {
  fc.assert(
    fc.property(placements, (placement) => {
      for (const object of slotObjects(placement)) {
        expect(["Secret", "Service", "PodDisruptionBudget", "Deployment", "HorizontalPodAutoscaler"]).toContain(object.kind);
        expect(object.metadata.namespace).toBe("slipway-fraud-production");
        if (object.kind === "Secret") continue;
        for (const { path } of fieldsOf(object)) expect(forbiddenFields).not.toContain(path.at(-1));
        if (object.kind === "Deployment") checkPod((object as Loose).spec.template.spec);
      }
    }),
  );
});

function checkPod(pod: Loose): void {
  expect(pod).toMatchObject({ serviceAccountName: "model-server", automountServiceAccountToken: false, enableServiceLinks: false });
  expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
  expect(pod.securityContext.runAsUser).toBeGreaterThan(0);
  for (const container of [...(pod.initContainers ?? []), ...pod.containers]) checkContainer(container);
  expect(pod.containers).toHaveLength(1);
  for (const volume of pod.volumes) expect(Object.keys(volume)).toEqual(["name", "emptyDir"]);
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(pod.containers[0].lifecycle?.preStop.sleep.seconds ?? 0);
}

function checkContainer(container: Loose): void {
  const { securityContext, resources, env: variables, volumeMounts } = container;
  expect(securityContext).toMatchObject({
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  });
  expect(Object.keys(securityContext)).not.toContain("privileged");
  expect(Object.keys(securityContext.capabilities)).toEqual(["drop"]);
  expect(resources.limits).toMatchObject({ memory: expect.any(String), cpu: expect.any(String), "ephemeral-storage": expect.any(String) });
  for (const { mountPath } of volumeMounts) expect(["/mnt/models", "/mnt/scripts", "/tmp", "/dev/shm"]).toContain(mountPath);
  const names = variables.map(({ name }: { name: string }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const variable of variables) {
    const keys = Object.keys(variable).sort().join();
    expect(["name,value", "name,valueFrom"]).toContain(keys);
    if (variable.valueFrom) expect(Object.keys(variable.valueFrom)).toEqual(["secretKeyRef"]);
  }
}
