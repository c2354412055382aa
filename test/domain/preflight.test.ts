import { describe, expect, it } from "vitest";
import { nodesWith } from "../../domain/capacity.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import {
  artifactFinding,
  capacityFindings,
  gatewayFinding,
  imageFinding,
  type PreflightQuestion,
  quotaFinding,
} from "../../domain/preflight.ts";
import { aHead, aRevision } from "../doubles/deployments.ts";

const question: PreflightQuestion = { deployment: aHead(), revision: aRevision(1), serving_epoch: null };
const { namespace } = question.deployment.place;

const object = (kind: string, name: string, more: object): KubernetesObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name, namespace },
  ...more,
});
const quota = (hard: object, used: object, spec: object = {}) =>
  object("ResourceQuota", "group", { spec: { hard, ...spec }, status: { hard, used } });

describe("two slots", () => {
  const node = (cpu: string) => ({
    ...{ apiVersion: "v1", kind: "Node", metadata: { name: "n" } },
    status: {
      allocatable: { cpu, memory: "8Gi", "ephemeral-storage": "90Gi", pods: "9" },
      conditions: [{ type: "Ready", status: "True" }],
    },
  });
  const own = (epoch: number): KubernetesObject => ({
    ...object("Pod", `own-${epoch}`, { status: { phase: "Running" } }),
    metadata: { name: `own-${epoch}`, namespace, labels: { "slipway.dev/uid": question.deployment.uid, "slipway.dev/epoch": `${epoch}` } },
    spec: { nodeName: "n", containers: [{ name: "predictor", resources: { requests: { cpu: "250m" } } }] },
  });
  const found = (cpu: string, serving_epoch: number | null, pods: KubernetesObject[]) =>
    capacityFindings({ ...question, serving_epoch }, { pods, nodesWith: (left) => nodesWith([node(cpu)], left) }).map(
      ({ outcome }) => outcome,
    );

  it.each([
    ["both fit", "500m", null, [], ["passed", "passed"]],
    ["one fits, nothing serves", "400m", null, [], ["passed", "warning"]],
    ["none fits", "200m", null, [], ["failed", "warning"]],
    ["one fits, not beside what serves", "400m", 3, [own(3)], ["passed", "failed"]],
    ["it fits beside what serves, once a warm slot has gone", "500m", 3, [own(3), own(2)], ["passed", "passed"]],
  ] as const)("%s", (_, cpu, serving, pods, outcomes) => expect(found(cpu, serving, [...pods])).toEqual(outcomes));

  it("propose recreate only where one slot fits", () => {
    const actions = (cpu: string) =>
      capacityFindings(question, { pods: [], nodesWith: (left) => nodesWith([node(cpu)], left) }).map(({ action }) => action);
    expect(actions("400m")[1]).toContain("recreate");
    expect(actions("200m")[1]).not.toContain("recreate");
  });
});

describe("the quota", () => {
  it("is counted by what is used", () => {
    expect(quotaFinding(question, [quota({ pods: "2", cpu: "1" }, { pods: "1", cpu: "500m" })], [])).toMatchObject({ outcome: "passed" });
    const short = quotaFinding(question, [quota({ pods: "2", "requests.memory": "1Gi" }, { pods: "2", "requests.memory": "900Mi" })], []);
    expect(short.outcome).toBe("failed");
    expect(short.message).toContain("leaves 0 of 2 pods, asked for 1");
    expect(short.message).toContain("leaves 124Mi of 1Gi requests.memory");
  });

  it("of other things is no matter, and one that cannot be judged is said", () => {
    expect(quotaFinding(question, [quota({ "services.loadbalancers": "0" }, {})], [])).toMatchObject({ outcome: "passed" });
    expect(quotaFinding(question, [quota({ pods: "0" }, {}, { scopes: ["BestEffort"] })], [])).toMatchObject({ outcome: "unknown" });
    expect(quotaFinding(question, [object("ResourceQuota", "new", { spec: {} })], [])).toMatchObject({ outcome: "unknown" });
    expect(quotaFinding(question, [], []).message).toContain("no quota yet");
  });
});

describe("the gateway", () => {
  const is = (...types: [string, string][]) => ({
    status: { conditions: types.map(([type, status]) => ({ type, status, reason: "Why" })) },
  });
  const gateway = (programmed: string) =>
    object("Gateway", "slipway", { spec: { gatewayClassName: "envoy" }, ...is(["Accepted", "True"], ["Programmed", programmed]) });
  const accepted = object("GatewayClass", "envoy", is(["Accepted", "True"]));

  it.each([
    ["True", accepted, "passed"],
    ["False", accepted, "failed"],
    ["Unknown", accepted, "unknown"],
    ["True", undefined, "failed"],
    ["True", object("GatewayClass", "envoy", {}), "unknown"],
  ])("that is programmed: %s is judged with its class", (programmed, of, outcome) => {
    expect(gatewayFinding(question, gateway(programmed), of)).toMatchObject({ outcome });
  });
  it("may be missing", () =>
    expect(gatewayFinding(question)).toMatchObject({ outcome: "failed", action: expect.stringContaining("bootstrap") }));
});

describe("image and artifact", () => {
  const { image } = question.revision.resolved.predictor;
  const running = (imageID: string, where = namespace) => ({
    ...object("Pod", "p", { spec: { containers: [{ name: "a", image }] }, status: { containerStatuses: [{ name: "a", imageID }] } }),
    metadata: { name: "p", namespace: where },
  });

  it("an image is known to be there only where a node runs it in this namespace", () => {
    expect(imageFinding(question, [running("sha256:1")])).toMatchObject({ outcome: "passed" });
    for (const pods of [[], [running("")], [running("sha256:1", "elsewhere")]])
      expect(imageFinding(question, pods)).toMatchObject({ outcome: "unknown" });
  });
  it("an artifact is never guessed", () =>
    expect(artifactFinding(question)).toMatchObject({ outcome: "unknown", message: expect.stringContaining("s3://") }));
});
