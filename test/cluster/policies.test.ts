import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { labels } from "../../domain/names.ts";
import { adapterOf } from "./support/adapter.ts";
import type { Any } from "./support/api-client.ts";
import { differsHere } from "./support/known-differences.ts";
import { route, secret } from "./support/objects.ts";
import { api, as, cluster, type Scene, scene } from "./target.ts";

let here: Scene;
let strange: Scene;
beforeAll(async () => {
  here = await scene("policies");
  strange = await scene("strange", { "app.kubernetes.io/managed-by": "somebody" });
});

const namespace = (metadata: Any) => ({ apiVersion: "v1", kind: "Namespace", metadata });

describe.skipIf(differsHere("admission-policies"))("admission policies", () => {
  test("Slipway writes only in namespaces that carry its label", async () => {
    expect((await as("writer").create(`${here.secrets}?dryRun=All`, secret("ours"))).status).toBe(201);
    const refused = await as("writer").create(`${strange.secrets}?dryRun=All`, secret("theirs"));
    expect(refused.body).toMatchObject({
      code: 403,
      reason: "Forbidden",
      message: expect.stringContaining("Slipway may write only in namespaces labelled app.kubernetes.io/managed-by=slipway"),
    });
    expect((await api.create(`${strange.secrets}?dryRun=All`, secret("theirs"))).status).toBe(201);
  });

  test("Slipway makes only namespaces that carry its label", async () => {
    const path = "/api/v1/namespaces?dryRun=All";
    const labelled = namespace({ generateName: "made-", labels: { "app.kubernetes.io/managed-by": "slipway" } });
    expect((await as("writer").create(path, labelled)).status).toBe(201);
    expect((await as("writer").create(path, namespace({ generateName: "made-" }))).body).toMatchObject({
      code: 403,
      message: expect.stringContaining("Slipway may write only namespaces labelled app.kubernetes.io/managed-by=slipway"),
    });
  });

  test.skipIf(!cluster.gatewayUrl)("an epoch never falls, nor is it taken away", async () => {
    const claimed = {
      ...route("claimed", []),
      metadata: { name: "claimed", labels: { "app.kubernetes.io/managed-by": "slipway" }, annotations: { [labels.epoch]: "7" } },
    };
    await as("writer").make(here.routes, claimed);
    const claim = (epoch: string | null) =>
      as("writer").patch(`${here.routes}/claimed`, { metadata: { annotations: { [labels.epoch]: epoch } } });
    expect((await claim("8")).status).toBe(200);
    const denied = async (epoch: string | null, message: string) =>
      expect((await claim(epoch)).body).toMatchObject({ code: 403, reason: "Forbidden", message: expect.stringContaining(message) });
    await denied("7", "the route was claimed by epoch 8: an older epoch may not change it");
    await denied(null, "the route was claimed: it must keep a whole number in the annotation slipway.dev/epoch");
  });
});

describe.skipIf(differsHere("flow-control"))("flow control", () => {
  const flow = "/apis/flowcontrol.apiserver.k8s.io/v1";
  const apiVersion = "flowcontrol.apiserver.k8s.io/v1";

  test("of many at once some are answered 429; asked again, all pass", async () => {
    const limited = { nominalConcurrencyShares: 0, lendablePercent: 0, borrowingLimitPercent: 0, limitResponse: { type: "Reject" } };
    const name = `closed-${here.namespace}`;
    const everything = { apiGroups: ["*"], resources: ["*"], verbs: ["*"], clusterScope: true, namespaces: ["*"] };
    const rules = [{ subjects: [{ kind: "User", user: { name: "a-reader" } }], resourceRules: [everything] }];
    const open = () => Promise.all(["flowschemas", "prioritylevelconfigurations"].map((plural) => api.delete(`${flow}/${plural}/${name}`)));
    onTestFinished(async () => void (await open()));
    await api.make(`${flow}/prioritylevelconfigurations`, {
      apiVersion,
      kind: "PriorityLevelConfiguration",
      metadata: { name },
      spec: { type: "Limited", limited },
    });
    await api.make(`${flow}/flowschemas`, {
      apiVersion,
      kind: "FlowSchema",
      metadata: { name },
      spec: { priorityLevelConfiguration: { name }, matchingPrecedence: 2, rules },
    });
    const atOnce = async () => {
      const answers = await Promise.all(Array.from({ length: 40 }, () => as("reader").get(here.pods)));
      return answers.find(({ status }) => status === 429)?.headers["retry-after"];
    };
    await expect.poll(atOnce).toBe("1");
    const { cluster: reader } = adapterOf("reader");
    const lists = await Promise.all(Array.from({ length: 5 }, () => reader.list("Pod", { namespace: here.namespace })));
    expect(lists.map(({ items }) => items)).toEqual([[], [], [], [], []]);
  });
});
