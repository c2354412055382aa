import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ClusterUnderTest, startTestCluster } from "./support/cluster-under-test.ts";
import { deployments, isReady, namespaced, pod, pods, secrets } from "./support/objects.ts";

const rbac = "/apis/rbac.authorization.k8s.io/v1";
const apiVersion = "rbac.authorization.k8s.io/v1";
const group = (name: string) => ({ kind: "Group", apiGroup: "rbac.authorization.k8s.io", name });

let it: ClusterUnderTest;
beforeAll(async () => {
  it = await startTestCluster();
  await it.cluster.apply([
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "other" } },
    {
      apiVersion,
      kind: "ClusterRole",
      metadata: { name: "slipway:reader" },
      rules: [
        { apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get", "list", "watch"] },
        { apiGroups: ["apps"], resources: ["*"], verbs: ["list"] },
      ],
    },
    {
      apiVersion,
      kind: "ClusterRoleBinding",
      metadata: { name: "readers" },
      roleRef: { kind: "ClusterRole", name: "slipway:reader" },
      subjects: [group("readers")],
    },
    {
      apiVersion,
      kind: "Role",
      metadata: { name: "narrow", namespace: "test" },
      rules: [
        { apiGroups: [""], resources: ["secrets"], verbs: ["create"] },
        { apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list"], resourceNames: ["mine"] },
        { apiGroups: [""], resources: ["services/proxy"], verbs: ["get"], resourceNames: ["web:80"] },
        { apiGroups: [""], resources: ["*/proxy"], verbs: ["create"] },
      ],
    },
    {
      apiVersion,
      kind: "RoleBinding",
      metadata: { name: "narrow", namespace: "test" },
      roleRef: { kind: "Role", name: "narrow" },
      subjects: [{ kind: "User", name: "narrow" }],
    },
    {
      apiVersion,
      kind: "RoleBinding",
      metadata: { name: "pods-here", namespace: "test" },
      roleRef: { kind: "ClusterRole", name: "slipway:reader" },
      subjects: [{ kind: "User", name: "local" }],
    },
  ]);
});
afterAll(() => it.stop());

const secret = { apiVersion: "v1", kind: "Secret", metadata: { generateName: "s-" } };

describe("what a caller may do", () => {
  test.each([
    ["reader", "GET", pods, undefined, 200],
    ["reader", "GET", "/api/v1/pods", undefined, 200],
    ["reader", "GET", `${pods}/none`, undefined, 404],
    ["reader", "GET", `${pods}/none/log`, undefined, 404],
    ["reader", "GET", deployments, undefined, 200],
    ["reader", "GET", `${deployments}/none`, undefined, 403],
    ["reader", "POST", pods, pod("x"), 403],
    ["reader", "DELETE", `${pods}/none`, undefined, 403],
    ["reader", "GET", secrets, undefined, 403],
    ["reader", "GET", `${pods}/none:80/proxy/`, undefined, 403],
    ["narrow", "POST", secrets, secret, 201],
    ["narrow", "GET", secrets, undefined, 403],
    ["narrow", "POST", "/api/v1/namespaces/other/secrets", secret, 403],
    ["narrow", "GET", `${namespaced}/configmaps/mine`, undefined, 404],
    ["narrow", "GET", `${namespaced}/configmaps/yours`, undefined, 403],
    ["narrow", "GET", `${namespaced}/configmaps`, undefined, 403],
    ["narrow", "GET", `${namespaced}/configmaps?fieldSelector=metadata.name=mine`, undefined, 200],
    ["narrow", "GET", `${namespaced}/services/web:80/proxy/`, undefined, 404],
    ["narrow", "GET", `${namespaced}/services/web/proxy/`, undefined, 403],
    ["narrow", "POST", `${namespaced}/services/web/proxy/`, {}, 404],
    ["local", "GET", pods, undefined, 200],
    ["local", "GET", "/api/v1/pods", undefined, 403],
    ["nobody", "GET", "/api", undefined, 200],
    ["nobody", "GET", "/version", undefined, 200],
    [undefined, "GET", "/version", undefined, 200],
    [undefined, "GET", "/healthz", undefined, 200],
    [undefined, "GET", "/api", undefined, 403],
    [undefined, "GET", pods, undefined, 403],
    ["bad", "GET", "/version", undefined, 401],
  ])("%s: %s %s", async (who, method, path, body, status) => {
    expect((await it.as(who).call(method, path, body)).status).toBe(status);
  });
});

test("a refusal names caller, verb, resource and place", async () => {
  const messages = await Promise.all(
    [
      ["GET", `${secrets}/x`],
      ["GET", "/api/v1/nodes"],
      ["POST", `${pods}/x/eviction`],
      ["GET", "/metrics"],
    ].map(async ([method = "", path = ""]) => (await it.as("reader").call(method, path)).body),
  );
  expect(messages.map(({ message }) => message)).toEqual([
    'secrets "x" is forbidden: User "reader" cannot get resource "secrets" in API group "" in the namespace "test"',
    'nodes is forbidden: User "reader" cannot list resource "nodes" in API group "" at the cluster scope',
    'pods "x" is forbidden: User "reader" cannot create resource "pods/eviction" in API group "" in the namespace "test"',
    'forbidden: User "reader" cannot get path "/metrics"',
  ]);
  expect(messages[0]).toMatchObject({
    kind: "Status",
    apiVersion: "v1",
    status: "Failure",
    reason: "Forbidden",
    code: 403,
    details: { name: "x", kind: "secrets" },
  });
  expect((await it.as("bad").get(pods)).body).toMatchObject({ code: 401, reason: "Unauthorized", message: "Unauthorized" });
});

test("who asks what he may do is told", async () => {
  const review = async (who: string, resourceAttributes: object) => {
    const body = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", spec: { resourceAttributes } };
    const answer = await it.as(who).create("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body);
    expect(answer.status).toBe(201);
    return answer.body.status.allowed;
  };
  expect(await review("reader", { verb: "list", resource: "pods", namespace: "test" })).toBe(true);
  expect(await review("reader", { verb: "get", resource: "pods", subresource: "log", namespace: "test" })).toBe(true);
  expect(await review("reader", { verb: "create", resource: "pods", namespace: "test" })).toBe(false);
  expect(await review("narrow", { verb: "get", resource: "configmaps", namespace: "test", name: "mine" })).toBe(true);
});

test("who may ask for others is told what they may do", async () => {
  const path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
  const review = (spec: object) => ({ apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec });
  const watching = { resourceAttributes: { verb: "list", resource: "pods", namespace: "test" } };
  expect((await it.as("reader").create(path, review({ ...watching, groups: ["nobody"] }))).status).toBe(403);
  expect((await it.api.create(path, review({ ...watching, groups: ["nobody"] }))).body.status).toEqual({ allowed: false });
  expect((await it.api.create(path, review({ ...watching, groups: ["readers"] }))).body.status).toEqual({ allowed: true });
  expect((await it.api.create(path, review(watching))).status).toBe(400);
});

test("a changed role counts from the next request on", async () => {
  expect((await it.as("reader").get(secrets)).status).toBe(403);
  const { rules } = (await it.api.get(`${rbac}/clusterroles/slipway%3Areader`)).body;
  await it.api.patch(`${rbac}/clusterroles/slipway%3Areader`, {
    rules: [...rules, { apiGroups: [""], resources: ["secrets"], verbs: ["*"] }],
  });
  expect((await it.as("reader").get(secrets)).status).toBe(200);
  await it.api.patch(`${rbac}/clusterroles/slipway%3Areader`, { rules });
});

test("the token does not reach what is behind a proxy", async () => {
  await it.api.create(pods, pod("behind"));
  await it.api.until(pods, "behind", isReady);
  const { body } = await it.api.get(`${pods}/behind:8080/proxy/`);
  expect(body.headers).not.toHaveProperty("authorization");
});

describe("impersonation", () => {
  const mayBeReader = [
    { apiGroups: [""], resources: ["users"], verbs: ["impersonate"], resourceNames: ["rita"] },
    { apiGroups: [""], resources: ["groups"], verbs: ["impersonate"], resourceNames: ["readers"] },
  ];
  beforeAll(() =>
    it.cluster.apply([
      { apiVersion, kind: "ClusterRole", metadata: { name: "front" }, rules: mayBeReader },
      {
        apiVersion,
        kind: "ClusterRoleBinding",
        metadata: { name: "front" },
        roleRef: { kind: "ClusterRole", name: "front" },
        subjects: [{ kind: "User", name: "front" }],
      },
    ]),
  );
  const be = (user: string, ...groups: string[]) => ({
    "Impersonate-User": user,
    ...(groups.length > 0 && { "Impersonate-Group": groups }),
  });

  test.each([
    ["its rights are those of whom it is, with groups", "front", "GET", be("rita", "readers"), 200, ""],
    ["and no more", "front", "POST", be("rita", "readers"), 403, 'User "rita" cannot create resource "pods"'],
    ["without the group none of its rights", "front", "GET", be("rita"), 403, 'User "rita" cannot list resource "pods"'],
    ["a user whom one may not be", "front", "GET", be("adam"), 403, 'User "front" cannot impersonate resource "users"'],
    ["a group that one may not have", "front", "GET", be("rita", "readers", "system:masters"), 403, 'cannot impersonate resource "groups"'],
    ["nobody may be anybody else by default", "reader", "GET", be("rita", "readers"), 403, "cannot impersonate"],
  ])("%s", async (_what, who, method, headers, status, message) => {
    const answer = await it.as(who).call(method, pods, method === "POST" ? pod("x") : undefined, headers);
    expect(answer.status).toBe(status);
    expect(answer.body.message ?? "").toContain(message);
  });
});
