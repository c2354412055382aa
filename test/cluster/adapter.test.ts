import { beforeAll, describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { labels } from "../../domain/names.ts";
import { KubernetesError, type WatchEvent } from "../../lambdas/ports/cluster.ts";
import { adapterOf } from "./support/adapter.ts";
import { autoscaler, budget, condition, deployment, idleDeployment, isReady, route, secret, service } from "./support/objects.ts";
import { api, cluster, type Scene, scene } from "./target.ts";

const { cluster: writer } = adapterOf("writer");
const { cluster: reader } = adapterOf("reader");
const { cluster: prober } = adapterOf("prober");

let here: Scene;
beforeAll(async () => {
  here = await scene("adapter");
});

/** As the product's manifests: with its namespace, and labels by which its objects are found. */
const placed = (object: KubernetesObject, uid = "01ADAPTER"): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, namespace: here.namespace, labels: { ...object.metadata.labels, [labels.uid]: uid } },
});
const refusal = (code: number, reason: string) => expect.objectContaining({ name: "KubernetesError", code, reason });

describe("a writer", () => {
  const made = [
    secret("made"),
    service("made"),
    idleDeployment("made"),
    autoscaler("made", 1, 2),
    budget("made", { maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow" }),
    ...(cluster.gatewayUrl ? [route("made", [])] : []),
  ];

  test.each(made.map((object) => [object.kind, object]))("creates and deletes a %s", async (kind, object) => {
    const created = await writer.create(placed(object));
    expect(created.metadata).toMatchObject({ name: "made", uid: expect.any(String), resourceVersion: expect.any(String) });
    expect(created.metadata).not.toHaveProperty("managedFields");
    await expect(writer.create(placed(object))).rejects.toEqual(refusal(409, "AlreadyExists"));
    // Nothing is deleted that is not the one that was meant.
    await writer.remove(kind, here.namespace, "made", "11111111-1111-1111-1111-111111111111");
    await expect(writer.create(placed(object))).rejects.toEqual(refusal(409, "AlreadyExists"));
    await writer.remove(kind, here.namespace, "made", kind === "Secret" ? null : String(created.metadata.uid));
    await writer.remove(kind, here.namespace, "made", String(created.metadata.uid));
    if (kind !== "Secret") expect(await writer.get(kind, here.namespace, "made")).toBeUndefined();
  });

  test("patches with a precondition, once", async () => {
    await writer.create(placed(autoscaler("patched", 1, 2)));
    // Its controller has written what it has to say.
    const { metadata } = await api.until(here.autoscalers, "patched", (each) => condition(each, "AbleToScale") !== undefined);
    const patch = (minReplicas: number) => ({ metadata: { resourceVersion: metadata.resourceVersion }, spec: { minReplicas } });
    const patched = await writer.patch<KubernetesObject>("HorizontalPodAutoscaler", here.namespace, "patched", patch(2));
    expect(patched.spec).toMatchObject({ minReplicas: 2 });
    const again = writer.patch("HorizontalPodAutoscaler", here.namespace, "patched", patch(1));
    await expect(again).rejects.toEqual(refusal(409, "Conflict"));
  });

  test("is told field by field what is wrong", async () => {
    const wrong = writer.create(placed(autoscaler("wrong", 3, 2)));
    await expect(wrong).rejects.toThrow("spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`");
  });

  test("cannot read what it has hidden", async () => {
    await expect(writer.get("Secret", here.namespace, "made")).rejects.toEqual(refusal(403, "Forbidden"));
    await expect(writer.podLog(here.namespace, "any", { container: "server" })).rejects.toEqual(refusal(403, "Forbidden"));
  });
});

describe("a reader", () => {
  test("lists what is there, watches what comes, and reads logs", async () => {
    const scope = { namespace: here.namespace, labels: { app: "watched" } };
    const { items, resource_version } = await reader.list("Pod", scope);
    expect(items).toEqual([]);
    const end = new AbortController();
    const seen: WatchEvent<KubernetesObject>[] = [];
    const watching = (async () => {
      for await (const event of reader.watch<KubernetesObject>("Pod", scope, resource_version, end.signal)) {
        seen.push(event);
        if (isReady(event.object)) end.abort();
      }
    })();
    await writer.create(placed(deployment("watched")));
    await watching;
    expect(seen[0]?.type).toBe("ADDED");
    const name = String(seen.at(-1)?.object.metadata.name);
    const options = { container: "server", tail_lines: 1, timestamps: true };
    expect(await reader.podLog(here.namespace, name, options)).toMatch(/^\S+Z listening\n$/);
    const listed = await reader.list("Pod", scope);
    expect(listed.items).toMatchObject([{ kind: "Pod", apiVersion: "v1", metadata: { name } }]);
    expect(await reader.get("Pod", here.namespace, "none")).toBeUndefined();
    const events = await reader.list<KubernetesObject>("Event", { namespace: here.namespace, fields: `involvedObject.name=${name}` });
    expect(events.items.map((each) => (each as unknown as { reason: string }).reason)).toEqual(
      expect.arrayContaining(["Scheduled", "Started"]),
    );
  });

  test("is told when the version to watch from is none", async () => {
    const watching = async () => {
      for await (const _ of reader.watch("Pod", { namespace: here.namespace }, "later", new AbortController().signal)) break;
    };
    await expect(watching()).rejects.toThrow();
  });

  test("changes nothing", async () => {
    await expect(reader.create(placed(service("refused")))).rejects.toEqual(refusal(403, "Forbidden"));
    await expect(reader.remove("Deployment", here.namespace, "watched", null)).rejects.toEqual(refusal(403, "Forbidden"));
  });
});

describe("a prober", () => {
  const ask = (name: string, path: string, more: object = {}) =>
    prober.serviceProxy({ namespace: here.namespace, service: name, port: 80 }, { method: "GET", path, timeout_ms: 10_000, ...more });

  beforeAll(async () => {
    await writer.create(placed(service("probed")));
    await writer.create(placed(deployment("probed", { env: [{ name: "TAG", value: "t" }] })));
    const slices = `${here.slices}?labelSelector=kubernetes.io/service-name=probed`;
    await api.untilAny(slices, (slice) => slice.endpoints?.[0]?.conditions.ready === true);
  });

  test("asks a server through its Service", async () => {
    const answer = await ask("probed", "/v2/models/iris/infer?a=1", {
      method: "POST",
      body: "[1]",
      headers: { "content-type": "application/json" },
    });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({ tag: "t", method: "POST", url: "/v2/models/iris/infer?a=1", body: "[1]" });
  });

  test("tells a server's refusal from the API server's", async () => {
    expect(await ask("probed", "/status?code=503&body=busy")).toMatchObject({ status: 503, body: "busy" });
    await expect(ask("none", "/")).rejects.toEqual(refusal(404, "NotFound"));
    await writer.create(placed(service("alone")));
    await expect(ask("alone", "/")).rejects.toEqual(refusal(503, "ServiceUnavailable"));
  });

  test("waits no longer than it was told", async () => {
    await expect(ask("probed", "/hold", { timeout_ms: 300 })).rejects.toEqual(refusal(504, "Timeout"));
  });

  test("sees no pods", async () => {
    await expect(prober.list("Pod", { namespace: here.namespace })).rejects.toBeInstanceOf(KubernetesError);
  });
});
