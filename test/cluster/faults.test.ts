import { generate } from "selfsigned";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { adapterOf } from "./support/adapter.ts";
import { cutLine } from "./support/cut-line.ts";
import { service } from "./support/objects.ts";
import { api, cluster, isLocal, type Scene, scene } from "./target.ts";

let here: Scene;
beforeAll(async () => {
  here = await scene("faults");
});

const list = (name: Parameters<typeof adapterOf>[0], options = {}) => {
  const under = adapterOf(name, options);
  return { ...under, answer: under.cluster.list("Service", { namespace: here.namespace }) };
};

describe("an API server that goes and comes again", () => {
  test("in the middle of a watch: nothing is told twice, nothing is left out", async () => {
    const line = await cutLine(cluster.endpoint);
    onTestFinished(line.stop);
    const { cluster: reader } = adapterOf("reader", { place: () => ({ endpoint: line.endpoint }) });
    const scope = { namespace: here.namespace };
    const { resource_version } = await reader.list("Service", scope);
    const end = new AbortController();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { type, object } of reader.watch<KubernetesObject>("Service", scope, resource_version, end.signal)) {
        if (type === "BOOKMARK") continue;
        seen.push(`${type} ${object.metadata.name}`);
        if (object.metadata.name === "before") {
          line.cut();
          await api.make(here.services, service("meanwhile"));
          line.mend();
          await api.make(here.services, service("after"));
        }
        if (object.metadata.name === "after") end.abort();
      }
    })();
    await api.make(here.services, service("before"));
    await watching;
    expect(seen).toEqual(["ADDED before", "ADDED meanwhile", "ADDED after"]);
  });

  test("between two requests: the second is asked until it is answered", async () => {
    const line = await cutLine(cluster.endpoint);
    onTestFinished(line.stop);
    const { cluster: reader } = adapterOf("reader", { place: () => ({ endpoint: line.endpoint }) });
    await reader.list("Service", { namespace: here.namespace });
    line.cut();
    const listing = reader.list("Service", { namespace: here.namespace });
    setTimeout(line.mend, 300);
    expect((await listing).items).toEqual(expect.any(Array));
  });

  test("for good: said plainly, with what was asked", async () => {
    const line = await cutLine(cluster.endpoint);
    line.stop();
    const { answer } = list("reader", { place: () => ({ endpoint: line.endpoint }) });
    await expect(answer).rejects.toMatchObject({
      name: "ClusterUnavailable",
      message: expect.stringMatching(/^the cluster's API server did not carry out GET \/api\/v1\/namespaces\/.*: .*ECONNREFUSED/),
    });
  });
});

describe("a certificate", () => {
  const stranger = async () => (await generate([{ name: "commonName", value: "somebody else" }], { keyType: "ec" })).cert;

  test("that another authority vouches for is not trusted, and the cluster is looked for again", async () => {
    const other = await stranger();
    const { answer, forgotten } = list("reader", { place: () => ({ authority: other }) });
    await expect(answer).rejects.toMatchObject({ name: "ClusterUnavailable", message: expect.stringMatching(/certificate/i) });
    expect(forgotten.connections).toBeGreaterThan(0);
  });

  test("that was changed with its authority is trusted as soon as the new authority is known", async () => {
    const known = [await stranger(), cluster.authority];
    const { answer } = list("reader", { place: () => ({ authority: known.shift() ?? cluster.authority }) });
    expect((await answer).items).toEqual(expect.any(Array));
  });
});

describe("a token", () => {
  test("that the API server does not take is 401, after one more was tried", async () => {
    const { answer, forgotten } = list("reader", { token: () => "k8s-aws-v1.expired" });
    await expect(answer).rejects.toMatchObject({ name: "KubernetesError", code: 401, reason: "Unauthorized" });
    expect(forgotten.tokens).toBeGreaterThan(0);
  });

  test("that has expired is replaced by the next", async () => {
    const good = isLocal ? "a-reader" : (cluster.administrator.token ?? "");
    const tokens = ["k8s-aws-v1.expired", good];
    const { answer } = list("reader", { token: () => tokens.shift() ?? good });
    expect((await answer).items).toEqual(expect.any(Array));
  });
});
