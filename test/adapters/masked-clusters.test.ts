import { describe, expect, it } from "vitest";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { withoutValues } from "../../domain/secret-values.ts";
import { maskedClusters } from "../../lambdas/adapters/masked-clusters.ts";
import type { Cluster } from "../../lambdas/ports/cluster.ts";
import type { MaskQuestion } from "../../lambdas/ports/masking.ts";
import { trimmed } from "../../lambdas/sync/trimmed.ts";

const secret = "the-canary-value";
const labels = { "slipway.dev/uid": "u1", "slipway.dev/revision": "4" };

function aPod(name: string, hasSecret: boolean, message = `bad key ${secret}`): KubernetesObject {
  const value = hasSecret ? { valueFrom: { secretKeyRef: { name: "s", key: "API_KEY" } } } : { value: "x" };
  return {
    ...{ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "test", uid: name, labels } },
    spec: { containers: [{ name: "predictor", env: [{ name: "API_KEY", ...value }] }] },
    status: { containerStatuses: [{ name: "predictor", lastState: { terminated: { exitCode: 3, message } } }] },
  };
}
interface Told {
  containerStatuses: { lastState: { terminated: { message: string } } }[];
}
const messageOf = ({ status }: KubernetesObject) => (status as unknown as Told).containerStatuses[0]?.lastState.terminated.message;

function seen(pods: KubernetesObject[], answer?: () => never, mostKept?: number) {
  const asked: MaskQuestion[] = [];
  const cluster = {
    list: async (_kind: string, _scope: object, keep: (pod: KubernetesObject) => KubernetesObject = (pod) => pod) => ({
      items: pods.map((pod) => keep(structuredClone(pod))),
      resource_version: "1",
    }),
    watch: async function* (...[, , , , returned]: Parameters<Cluster["watch"]>) {
      returned?.(1_000);
      for (const object of pods) yield { type: "MODIFIED", object: structuredClone(object) };
    },
    podLog: async () => `log with ${secret}`,
  } as unknown as Cluster;
  const masked = maskedClusters(
    async () => cluster,
    async (question) => {
      asked.push(question);
      answer?.();
      return question.texts.map((text) => withoutValues(text, [secret]));
    },
    mostKept,
  );
  return { cluster: () => masked("local"), asked };
}
const scope = { namespace: null };
const options = { container: "predictor" };

describe("a cluster without secrets in what its programs say", () => {
  it("masks the last words of pods that have secrets, also when most of the pod is left out, and their logs", async () => {
    const { cluster, asked } = seen([aPod("with", true), aPod("without", false)]);
    const { items } = await (await cluster()).list("Pod", scope, trimmed);
    expect(items.map(messageOf)).toEqual(["bad key [masked]", `bad key ${secret}`]);
    expect(asked).toEqual([{ uid: "u1", revision: 4, texts: [`bad key ${secret}`] }]);
    expect(await (await cluster()).podLog("test", "with", options)).toBe("log with [masked]");
    expect(await (await cluster()).podLog("test", "without", options)).toBe(`log with ${secret}`);
  });

  it("goes by the Secret, whatever revision somebody has written on the pod", async () => {
    const pod = aPod("with", true);
    const env = [{ name: "API_KEY", valueFrom: { secretKeyRef: { name: "iris-abc123-p7-12", key: "API_KEY" } } }];
    const { cluster, asked } = seen([{ ...pod, spec: { containers: [{ name: "predictor", env }] } }]);
    await (await cluster()).list("Pod", scope);
    expect(asked).toMatchObject([{ uid: "u1", revision: 7 }]);
  });

  it("masks what a watch tells, and asks for the same words once", async () => {
    const { cluster, asked } = seen([aPod("with", true), aPod("with", true)]);
    const told: (string | undefined)[] = [];
    for await (const { object } of (await cluster()).watch("Pod", scope, "1", new AbortController().signal)) told.push(messageOf(object));
    expect(told).toEqual(["bad key [masked]", "bad key [masked]"]);
    expect(asked).toHaveLength(1);
  });

  it("passes on what a watch tells of the API server", async () => {
    const away: number[] = [];
    const { cluster } = seen([]);
    const watch = (await cluster()).watch("Pod", scope, "1", new AbortController().signal, (milliseconds) => away.push(milliseconds));
    for await (const _ of watch);
    expect(away).toEqual([1_000]);
  });

  it("loses words rather than telling them where nobody can mask them", async () => {
    const { cluster } = seen([aPod("with", true)], () => {
      throw new Error("unreachable");
    });
    const { items } = await (await cluster()).list("Pod", scope);
    expect(messageOf(items[0] as KubernetesObject)).toBe("(withheld: its secrets could not be masked)");
    expect(await (await cluster()).podLog("test", "with", options)).toBe("(withheld: its secrets could not be masked)");
  });

  it("forgets, where there are too many, the pod that was not heard of for longest", async () => {
    const told = ["first", "second", "first", "third"].map((name) => aPod(name, true));
    const { cluster } = seen(told, undefined, 2);
    for await (const _ of (await cluster()).watch("Pod", scope, "1", new AbortController().signal));
    const log = async (name: string) => (await cluster()).podLog("test", name, options);
    expect([await log("first"), await log("third")]).toEqual(["log with [masked]", "log with [masked]"]);
    expect(await log("second")).toBe(`log with ${secret}`);
  });
});
