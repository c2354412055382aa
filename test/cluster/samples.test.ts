import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { Kinds } from "../../local/kubeconfig/kinds.ts";
import type { Any } from "./support/api-client.ts";
import { condition } from "./support/objects.ts";
import { api, cluster, scene } from "./target.ts";

const documents: Any[] = parseAllDocuments(readFileSync(new URL("../../samples/plain/iris.yaml", import.meta.url), "utf8")).map(
  (document) => document.toJS(),
);
const withoutNamespace = documents.filter(({ kind }) => kind !== "Namespace");

describe.skipIf(!cluster.gatewayUrl || !cluster.hasArtifacts)("the manifests of an ordinary Deployment", () => {
  test("are taken as they stand, and serve the model behind Slipway's gateway", async () => {
    const { metadata } = documents.find(({ kind }) => kind === "Namespace");
    expect(
      (await api.create("/api/v1/namespaces?dryRun=All&fieldValidation=Strict", { apiVersion: "v1", kind: "Namespace", metadata })).status,
    ).toBe(201);
    // A namespace and a path of its own: the suite may run twice on one cluster.
    const here = await scene("plain", metadata.labels);
    const prefix = `/plain/${here.namespace}`;
    for (const document of withoutNamespace) await applied(document, here.namespace, prefix);
    await api.until(here.deployments, "iris", (each) => condition(each, "Available")?.status === "True");
    const setosa = { inputs: [{ name: "input", shape: [1, 4], datatype: "FP32", data: [5.1, 3.5, 1.4, 0.2] }] };
    const predict = async () => {
      const headers = { "content-type": "application/json", connection: "close" };
      const answer = await fetch(`${cluster.gatewayUrl}${prefix}/v2/models/iris/infer`, {
        method: "POST",
        headers,
        body: JSON.stringify(setosa),
      });
      return answer.ok ? ((await answer.json()) as Any).outputs[0].data[0] : answer.status;
    };
    await expect.poll(predict, { timeout: 60_000, interval: 200 }).toBe(0);
  });
});

/** As `kubectl apply` would, refusing what the API does not know. */
async function applied(document: Any, namespace: string, prefix: string): Promise<void> {
  const text = JSON.stringify({ ...document, metadata: { ...document.metadata, namespace } }).replaceAll("/plain/iris", prefix);
  const kinds = new Kinds({ find: async (path: string) => (await api.get(path)).body } as ConstructorParameters<typeof Kinds>[0]);
  const place = await kinds.placeOf(JSON.parse(text));
  await api.make(`${place?.collection}?fieldValidation=Strict`, JSON.parse(text));
}
