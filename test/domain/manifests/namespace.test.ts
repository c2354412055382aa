import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { namespaceObjects } from "../../../domain/manifests/namespace.ts";
import { aHead } from "../../doubles/deployments.ts";

const { place } = aHead();
// biome-ignore lint/suspicious/noExplicitAny: objects of the Kubernetes API
type Loose = any;
const find = (kind: string, over = {}): Loose =>
  namespaceObjects({ place: { ...place, ...over }, group: "fraud" }).find((object) => object.kind === kind);

describe("a group's namespace", () => {
  test("comes first, ours by label and restricted; everything else lies in it", () => {
    const [namespace, ...rest] = namespaceObjects({ place, group: "fraud" });
    expect(namespace).toMatchObject({
      kind: "Namespace",
      metadata: {
        name: "slipway-fraud-production",
        labels: { "app.kubernetes.io/managed-by": "slipway", "pod-security.kubernetes.io/enforce": "restricted" },
      },
    });
    expect(rest.map(({ kind }) => kind)).toEqual(["ServiceAccount", "NetworkPolicy", "ResourceQuota"]);
    for (const { metadata } of rest) {
      expect(metadata.namespace).toBe("slipway-fraud-production");
      expect(metadata.labels).toEqual({ "app.kubernetes.io/managed-by": "slipway", "slipway.dev/group": "fraud" });
    }
  });

  test("has the service account that pods name, without a token", () => {
    expect(find("ServiceAccount")).toMatchObject({ metadata: { name: "model-server" }, automountServiceAccountToken: false });
  });

  test("opens no port of a node or load balancer", () => {
    expect(find("ResourceQuota").spec.hard).toEqual({ pods: "1000", "services.loadbalancers": "0", "services.nodeports": "0" });
  });
});

describe("its network", () => {
  test("lets in the gateway, transformers and the API server to the server's port, and the API server alone to where it tells of itself", () => {
    const { ingress } = find("NetworkPolicy", { api_server_cidrs: ["10.0.1.0/24"] }).spec;
    expect(ingress).toEqual([
      {
        from: [
          { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "slipway-gateway" } } },
          { podSelector: { matchLabels: { "slipway.dev/component": "transformer" } } },
          { ipBlock: { cidr: "10.0.1.0/24" } },
        ],
        ports: [{ protocol: "TCP", port: 8080 }],
      },
      { from: [{ ipBlock: { cidr: "10.0.1.0/24" } }], ports: [{ protocol: "TCP", port: 8082 }] },
    ]);
  });

  test("has another number whenever it says something else: by that a policy of an earlier build is told", () => {
    const { metadata, spec } = find("NetworkPolicy", { api_server_cidrs: ["10.0.1.0/24"] });
    const digest = createHash("sha256").update(JSON.stringify(spec)).digest("hex").slice(0, 16);
    expect({ [metadata.annotations["slipway.dev/template"]]: digest }).toEqual({ 2: "180bc4379fdd3433" });
  });

  test("lets nobody in by address when none is configured", () => {
    const { ingress } = find("NetworkPolicy").spec;
    expect(JSON.stringify(ingress)).not.toContain("ipBlock");
    // A rule without senders would let in everybody.
    for (const { from } of ingress) expect(from).not.toHaveLength(0);
  });

  test("lets out to names, artifacts and the pod identity agent, never to the node's metadata", () => {
    const { egress, policyTypes } = find("NetworkPolicy").spec;
    expect(policyTypes).toEqual(["Ingress", "Egress"]);
    const wide = egress.flatMap(({ to }: Loose) => to).filter(({ ipBlock }: Loose) => ipBlock?.cidr === "0.0.0.0/0");
    expect(wide).toHaveLength(1);
    expect(wide[0].ipBlock.except).toContain("169.254.169.254/32");
    expect(wide[0].ipBlock.except).toContain("10.0.0.0/8");
    expect(egress).toContainEqual({ to: [{ ipBlock: { cidr: "169.254.170.23/32" } }], ports: [{ protocol: "TCP", port: 80 }] });
  });
});
