import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodesWith, type PodSpec, place, podAmounts } from "../../domain/capacity.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { parseQuantity, written } from "../../domain/quantity.ts";

const asking = (requests: object, more: Partial<PodSpec> = {}): PodSpec => ({ containers: [{ resources: { requests } }], ...more });

function aNode(name: string, allocatable: object, spec: object = {}, ready = "True"): KubernetesObject {
  const status = { allocatable: { pods: "110", ...allocatable }, conditions: [{ type: "Ready", status: ready }] };
  return { apiVersion: "v1", kind: "Node", metadata: { name }, spec, status };
}
const aPod = (spec: PodSpec, phase = "Running"): KubernetesObject => ({
  ...{ apiVersion: "v1", kind: "Pod", metadata: { name: "other" }, spec, status: { phase } },
});

describe("quantities", () => {
  it.each([
    ["250m", 0.25],
    ["1.5", 1.5],
    ["2Gi", 2 ** 31],
    ["1e3", 1000],
    ["100M", 1e8],
    ["0", 0],
    [4, 4],
  ])("%s is %d", (quantity, amount) => expect(parseQuantity(quantity)).toBe(amount));
  it.each(["", "two", "1 Gi", "1Qi", "constructor", "1constructor", null])("%j is none", (quantity) =>
    expect(() => parseQuantity(quantity)).toThrow(RangeError),
  );
  it("are written for people", () => {
    expect([written("cpu", 0.25), written("memory", 1.5 * 2 ** 30), written("nvidia.com/gpu", 4)]).toEqual(["250m", "1.5Gi", "4"]);
  });
});

describe("what a pod asks for", () => {
  const container = (cpu: string, more: object = {}) => ({ resources: { requests: { cpu } }, ...more });
  it("is its containers together, or its largest init container", () => {
    expect(podAmounts({ containers: [container("1"), container("500m")] }, "requests")).toEqual({ cpu: 1.5 });
    expect(podAmounts({ containers: [container("1")], initContainers: [container("3"), container("2")] }, "requests")).toEqual({ cpu: 3 });
  });
  it("counts sidecars beside both, and the runtime's overhead", () => {
    const sidecar = container("1", { restartPolicy: "Always" });
    expect(podAmounts({ containers: [container("1")], initContainers: [sidecar, container("2")] }, "requests")).toEqual({ cpu: 3 });
    expect(podAmounts({ containers: [container("1")], overhead: { cpu: "250m" } }, "requests")).toEqual({ cpu: 1.25 });
  });
  it("is what it is limited to where it does not say", () => {
    expect(podAmounts({ containers: [{ resources: { limits: { "nvidia.com/gpu": "1" } } }] }, "requests")).toEqual({ "nvidia.com/gpu": 1 });
  });
});

describe("placing", () => {
  const wanted = (count: number, spec: PodSpec) => [{ component: "predictor", count, spec }];
  const gpu = (toleration: object[] = []) => asking({ cpu: "1", "nvidia.com/gpu": "1" }, { tolerations: toleration });
  const gpuNode = () => aNode("g1", { cpu: "8", "nvidia.com/gpu": "1" }, { taints: [{ key: "nvidia.com/gpu", effect: "NoSchedule" }] });

  it("says which resource is short on which node", () => {
    const found = place(
      nodesWith([aNode("a", { cpu: "4" }), aNode("b", { cpu: "1" })], [aPod(asking({ cpu: "3" }, { nodeName: "a" }))]),
      wanted(1, asking({ cpu: "2" })),
    );
    expect(found).toMatchObject({ fits: false, component: "predictor", placed: 0, neverFits: false });
    expect(found.obstacles).toEqual([
      "a is short of cpu (one instance asks for 2, free 1 of 4)",
      "b is short of cpu (one instance asks for 2, free 1 of 1)",
    ]);
  });

  it("knows GPUs and taints", () => {
    const tolerating = [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }];
    expect(place(nodesWith([gpuNode()], []), wanted(1, gpu())).obstacles).toEqual(["g1 has the taint nvidia.com/gpu:NoSchedule"]);
    expect(place(nodesWith([gpuNode()], []), wanted(1, gpu(tolerating)))).toMatchObject({ fits: true });
    expect(place(nodesWith([gpuNode()], []), wanted(2, gpu(tolerating)))).toMatchObject({ fits: false, placed: 1, neverFits: false });
    expect(place(nodesWith([aNode("a", { cpu: "8" })], []), wanted(1, gpu(tolerating)))).toMatchObject({ fits: false, neverFits: true });
  });

  it("leaves out nodes that take no pods, and pods that have ended", () => {
    const nodes = [aNode("cordoned", { cpu: "8" }, { unschedulable: true }), aNode("lost", { cpu: "8" }, {}, "Unknown")];
    expect(place(nodesWith(nodes, []), wanted(1, asking({ cpu: "1" }))).obstacles).toEqual([
      "cordoned takes no new pods (cordoned)",
      "lost is not ready",
    ]);
    const ended = aPod(asking({ cpu: "8" }, { nodeName: "a" }), "Succeeded");
    expect(place(nodesWith([aNode("a", { cpu: "8" })], [ended]), wanted(1, asking({ cpu: "8" }))).fits).toBe(true);
    expect(place([], wanted(1, asking({})))).toMatchObject({ fits: false, obstacles: [] });
  });

  it("counts pods as a node does", () => {
    expect(place(nodesWith([aNode("a", { pods: "2" })], []), wanted(3, asking({})))).toMatchObject({ fits: false, placed: 2 });
  });

  const cores = fc.integer({ min: 0, max: 64 });
  const cluster = fc.array(fc.record({ total: cores, used: cores }), { maxLength: 6 });
  const built = (nodes: { total: number; used: number }[]) =>
    nodesWith(
      nodes.map(({ total }, index) => aNode(`n${index}`, { cpu: String(total) })),
      nodes.map(({ used }, index) => aPod(asking({ cpu: `${used}` }, { nodeName: `n${index}` }))),
    );

  it("finds room for as many alike instances as there can be, and for no more", () => {
    fc.assert(
      fc.property(cluster, fc.integer({ min: 1, max: 16 }), fc.integer({ min: 0, max: 40 }), (nodes, cpu, count) => {
        const room = nodes.reduce((all, { total, used }) => all + Math.max(0, Math.floor((total - used) / cpu)), 0);
        expect(place(built(nodes), wanted(count, asking({ cpu: String(cpu) }))).fits).toBe(count <= room);
      }),
    );
  });

  it("never finds more room when a pod is added, nor less when one goes, and leaves what it was given", () => {
    fc.assert(
      fc.property(cluster, fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 20 }), (nodes, cpu, count) => {
        const [full, empty] = [built(nodes), built(nodes.map((node) => ({ ...node, used: 0 })))];
        const before = structuredClone(full);
        const ask = wanted(count, asking({ cpu: String(cpu) }));
        if (place(full, ask).fits) expect(place(empty, ask).fits).toBe(true);
        expect(full).toEqual(before);
      }),
    );
  });
});
