import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Any } from "./support/api-client.ts";
import { type ClusterUnderTest, startTestCluster } from "./support/cluster-under-test.ts";
import { container, deployment, pod } from "./support/objects.ts";

let it: ClusterUnderTest;
beforeAll(async () => {
  it = await startTestCluster();
  const levels = ["baseline", "restricted"].map((level) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: level, labels: { "pod-security.kubernetes.io/enforce": level } },
  }));
  await it.cluster.apply([...levels, { apiVersion: "v1", kind: "Namespace", metadata: { name: "limited" } }]);
});
afterAll(() => it.stop());

const podsIn = (namespace: string) => `/api/v1/namespaces/${namespace}/pods`;
const waitingImage = { image: "example.com/none:1", readinessProbe: undefined };

describe("pod security", () => {
  const safe = {
    ...waitingImage,
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    },
  };
  const refused = (level: string, name: string, why: string) =>
    `pods "${name}" is forbidden: violates PodSecurity "${level}:latest": ${why}`;

  test("a pod that says nothing is refused where restricted is enforced, with all that it lacks", async () => {
    const answer = await it.api.create(podsIn("restricted"), pod("bare", {}, waitingImage));
    expect(answer.body).toMatchObject({ code: 403, reason: "Forbidden", details: { name: "bare", kind: "pods" } });
    expect(answer.body.message).toBe(
      refused(
        "restricted",
        "bare",
        'allowPrivilegeEscalation != false (container "server" must set securityContext.allowPrivilegeEscalation=false), ' +
          'unrestricted capabilities (container "server" must set securityContext.capabilities.drop=["ALL"]), ' +
          'runAsNonRoot != true (pod or container "server" must set securityContext.runAsNonRoot=true), ' +
          'seccompProfile (pod or container "server" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
      ),
    );
  });

  test("a restricted pod is let in", async () => {
    expect((await it.api.create(podsIn("restricted"), pod("safe", {}, safe))).status).toBe(201);
    const byPod = { securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } } };
    const own = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
    expect((await it.api.create(podsIn("restricted"), pod("safe-by-pod", byPod, { ...waitingImage, securityContext: own }))).status).toBe(
      201,
    );
  });

  test.each([
    ["root", "restricted", {}, { runAsUser: 0 }, 'runAsUser=0 (container "server" must not set runAsUser=0)'],
    [
      "adding",
      "restricted",
      {},
      { capabilities: { drop: ["ALL"], add: ["SYS_TIME"] } },
      'unrestricted capabilities (container "server" must not include "SYS_TIME" in securityContext.capabilities.add)',
    ],
    ["privileged", "baseline", {}, { privileged: true }, 'privileged (container "server" must not set securityContext.privileged=true)'],
    ["hosted", "baseline", { hostNetwork: true }, {}, "host namespaces (hostNetwork=true)"],
  ])("%s is refused in %s", async (name, level, spec, context, why) => {
    const body = pod(name, spec, { ...safe, securityContext: { ...safe.securityContext, ...context } });
    expect((await it.api.create(podsIn(level), body)).body.message).toBe(refused(level, name, why));
  });

  test("several containers are named together, init containers first", async () => {
    const other = container({ name: "other", ...waitingImage });
    const answer = await it.api.create(podsIn("restricted"), pod("two", { initContainers: [other] }, safe));
    expect(answer.body.message).toContain('allowPrivilegeEscalation != false (container "other" must set');
  });
});

describe("quota", () => {
  const quotas = "/api/v1/namespaces/limited/resourcequotas";
  const asking = (name: string, resources: Any) => pod(name, {}, { ...waitingImage, resources });

  test("counts what pods ask for, and refuses what would exceed it", async () => {
    const hard = { "requests.cpu": "3", "limits.memory": "2Gi", pods: "2", "count/configmaps": "1" };
    await it.api.create(quotas, { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "group" }, spec: { hard } });
    const half = { requests: { cpu: "1500m" }, limits: { memory: "1Gi", cpu: "2" } };
    expect((await it.api.create(podsIn("limited"), asking("first", half))).status).toBe(201);
    await it.api.until(quotas, "group", (each) => each.status?.used?.pods === "1");
    expect((await it.api.get(`${quotas}/group`)).body.status).toEqual({
      hard,
      used: { "requests.cpu": "1500m", "limits.memory": "1Gi", pods: "1", "count/configmaps": "0" },
    });
    const greedy = await it.api.create(
      podsIn("limited"),
      asking("greedy", { requests: { cpu: "2" }, limits: { memory: "1Gi", cpu: "2" } }),
    );
    expect(greedy.body).toMatchObject({
      code: 403,
      reason: "Forbidden",
      message:
        'pods "greedy" is forbidden: exceeded quota: group, requested: requests.cpu=2, used: requests.cpu=1500m, limited: requests.cpu=3',
    });
    expect((await it.api.create(podsIn("limited"), asking("vague", { requests: { cpu: "1" } }))).body.message).toBe(
      'pods "vague" is forbidden: failed quota: group: must specify limits.memory for: server',
    );
    expect((await it.api.create(podsIn("limited"), asking("second", half))).status).toBe(201);
    expect((await it.api.create(podsIn("limited"), asking("third", half))).body.message).toBe(
      'pods "third" is forbidden: exceeded quota: group, requested: limits.memory=1Gi,pods=1,requests.cpu=1500m, ' +
        "used: limits.memory=2Gi,pods=2,requests.cpu=3, limited: limits.memory=2Gi,pods=2,requests.cpu=3",
    );
    await it.api.delete(`${podsIn("limited")}/first`);
    await it.api.untilGone(`${podsIn("limited")}/first`);
    expect((await it.api.create(podsIn("limited"), asking("third", half))).status).toBe(201);
  });

  test("counts other objects as well", async () => {
    const path = "/api/v1/namespaces/limited/configmaps";
    const map = (name: string) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } });
    expect((await it.api.create(path, map("one"))).status).toBe(201);
    expect((await it.api.create(path, map("two"))).body.message).toBe(
      'configmaps "two" is forbidden: exceeded quota: group, requested: count/configmaps=1, used: count/configmaps=1, limited: count/configmaps=1',
    );
  });
});

test("a pod needs its service account", async () => {
  const answer = await it.api.create(podsIn("test"), pod("accountless", { serviceAccountName: "missing" }));
  expect(answer.body.message).toBe(
    'pods "accountless" is forbidden: error looking up service account test/missing: serviceaccount "missing" not found',
  );
});

test("a workload may name what its pods will be refused for: the refusal is its condition", async () => {
  const all = "/apis/apps/v1/namespaces/restricted/deployments";
  expect((await it.api.create(all, deployment("bare"))).status).toBe(201);
  const refused = await it.api.until(all, "bare", (each) => each.status?.conditions?.some((each: Any) => each.type === "ReplicaFailure"));
  const failure = refused.status.conditions.find((each: Any) => each.type === "ReplicaFailure");
  expect(failure).toMatchObject({
    status: "True",
    reason: "FailedCreate",
    message: expect.stringContaining('violates PodSecurity "restricted:latest"'),
  });
});
