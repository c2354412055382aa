import { beforeAll, describe, expect, test } from "vitest";
import { type AccessGroup, accessGroups } from "../../domain/access-groups.ts";
import { clusterRoles } from "../../lib/cluster/access.ts";
import type { Any } from "./support/api-client.ts";
import { pod, secret } from "./support/objects.ts";
import { api, as, type Scene, scene } from "./target.ts";

let here: Scene;
beforeAll(async () => {
  here = await scene("access");
});

const verbs = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];
/** What nobody of ours needs, beside what the roles name. */
const others = [
  ["", "nodes"],
  ["", "configmaps"],
  ["", "persistentvolumeclaims"],
  ["", "pods/exec"],
  ["", "pods/portforward"],
  ["", "pods/proxy"],
  ["", "pods/eviction"],
  ["", "serviceaccounts/token"],
  ["", "nodes/proxy"],
  ["apps", "deployments/scale"],
  ["apps", "daemonsets"],
  ["batch", "jobs"],
  ["rbac.authorization.k8s.io", "clusterroles"],
  ["rbac.authorization.k8s.io", "rolebindings"],
  ["gateway.networking.k8s.io", "gateways"],
  ["admissionregistration.k8s.io", "validatingadmissionpolicies"],
  ["apiextensions.k8s.io", "customresourcedefinitions"],
] as const;

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}
const rulesOf = (group: AccessGroup) =>
  (clusterRoles().find(({ kind, metadata }) => kind === "ClusterRole" && metadata.name === group) as Any).rules as Rule[];
const named = Object.values(accessGroups).flatMap((group) => rulesOf(group).flatMap(pairs));
const everything = [...new Map([...named, ...others].map((pair) => [pair.join("/"), pair])).values()];

function pairs({ apiGroups, resources }: Rule): [string, string][] {
  return apiGroups.flatMap((group) => resources.map((resource): [string, string] => [group, resource]));
}

const roles = Object.keys(accessGroups) as (keyof typeof accessGroups)[];

describe.each(roles)("a %s", (role) => {
  test("may do what its ClusterRole says, and nothing else", async () => {
    const wanted = rulesOf(accessGroups[role]).flatMap((rule) =>
      pairs(rule).flatMap(([group, resource]) => rule.verbs.map((verb) => `${verb} ${group}/${resource}`)),
    );
    const allowed: string[] = [];
    for (const [group, resource] of everything) {
      const answers = await Promise.all(verbs.map((verb) => may(role, verb, group, resource)));
      allowed.push(...verbs.filter((_, index) => answers[index]).map((verb) => `${verb} ${group}/${resource}`));
    }
    expect(allowed.toSorted()).toEqual([...new Set(wanted)].toSorted());
  });

  async function may(who: typeof role, verb: string, group: string, whole: string): Promise<boolean> {
    const [resource, subresource] = whole.split("/");
    const resourceAttributes = { namespace: here.namespace, verb, group, resource, ...(subresource && { subresource }) };
    const body = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", spec: { resourceAttributes } };
    return (await as(who).make("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body)).status.allowed;
  }
});

describe("real requests", () => {
  test.each([
    ["reader", "GET", "pods", undefined, 200],
    ["reader", "GET", "secrets", undefined, 403],
    ["reader", "POST", "secrets", secret("x"), 403],
    ["reader", "GET", "services/none:80/proxy/", undefined, 403],
    ["writer", "POST", "secrets?dryRun=All", secret("x"), 201],
    ["writer", "GET", "secrets/x", undefined, 403],
    ["writer", "POST", "pods", pod("x"), 403],
    ["writer", "GET", "pods/none/log", undefined, 403],
    ["prober", "GET", "services/none:80/proxy/", undefined, 404],
    ["prober", "POST", "services/none:80/proxy/v2", {}, 404],
    ["prober", "GET", "pods", undefined, 403],
    ["preflight", "GET", "pods", undefined, 200],
    ["preflight", "GET", "pods/none", undefined, 403],
    ["preflight", "GET", "secrets", undefined, 403],
    ["preflight", "POST", "pods?dryRun=All", pod("x"), 403],
    ["preflight", "DELETE", "pods/none", undefined, 403],
    ["preflight", "GET", "services/none:80/proxy/", undefined, 403],
    ["mover", "GET", "services/none:80/proxy/", undefined, 404],
    ["mover", "GET", "services/none", undefined, 404],
    ["nobody", "GET", "pods", undefined, 403],
  ] as const)("%s: %s %s is %5$i", async (who, method, path, body, status) => {
    expect((await as(who).call(method, `${here.self}/${path}`, body)).status).toBe(status);
  });

  test("whoever asks before anything is made may ask what others may do, and nobody else may", async () => {
    const asked = { verb: "create", group: "apps", resource: "deployments", namespace: here.namespace };
    const ask = (who: (typeof roles)[number], group: AccessGroup) => {
      const body = {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SubjectAccessReview",
        spec: { groups: [group], resourceAttributes: asked },
      };
      return as(who).create("/apis/authorization.k8s.io/v1/subjectaccessreviews", body);
    };
    const allowed = async (group: AccessGroup) => (await ask("preflight", group)).body.status.allowed;
    expect([await allowed(accessGroups.writer), await allowed(accessGroups.reader)]).toEqual([true, false]);
    for (const who of roles.filter((role) => role !== "preflight")) expect((await ask(who, accessGroups.writer)).status).toBe(403);
  });

  test("a refusal names caller, verb, resource and place", async () => {
    const asked = [`${here.secrets}/x`, "/api/v1/nodes", `${here.pods}/x/proxy/`, "/metrics"];
    const refusals = await Promise.all(asked.map(async (path) => (await as("reader").get(path)).body));
    expect(refusals.map(({ message }) => message)).toEqual([
      `secrets "x" is forbidden: User "a-reader" cannot get resource "secrets" in API group "" in the namespace "${here.namespace}"`,
      'nodes is forbidden: User "a-reader" cannot list resource "nodes" in API group "" at the cluster scope',
      `pods "x" is forbidden: User "a-reader" cannot get resource "pods/proxy" in API group "" in the namespace "${here.namespace}"`,
      'forbidden: User "a-reader" cannot get path "/metrics"',
    ]);
    expect(refusals[0]).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      reason: "Forbidden",
      code: 403,
      message: refusals[0].message,
      details: { name: "x", kind: "secrets" },
    });
  });

  test("a token that nobody knows is refused", async () => {
    const answer = await api.call("GET", here.pods, undefined, {});
    expect(answer.status).toBe(200);
  });

  test("everybody may ask for version and health", async () => {
    for (const path of ["/version", "/healthz", "/readyz", "/livez"]) expect((await as("nobody").get(path)).status).toBe(200);
  });
});
