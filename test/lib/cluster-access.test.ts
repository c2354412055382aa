import { describe, expect, it } from "vitest";
import { accessGroups } from "../../domain/access-groups.ts";
import { clusterRoles } from "../../lib/cluster/access.ts";
import { bootstrapObjects } from "../../lib/cluster/bootstrap.ts";
import type { ClusterConfiguration } from "../../lib/configuration.ts";
import { configured, constructOf, list, statementsByRole, synthesize } from "./synthesized.ts";

const configuration = configured((given) => {
  const [cluster] = Object.values(given.clusters);
  given.clusters = { blue: cluster as never, red: cluster as never };
  given.environments = {
    staging: { cluster: "blue", namespace_prefix: "slipway" },
    production: { cluster: "red", namespace_prefix: "slipway" },
  };
});
const synthesized = synthesize({ configuration });

const entries = synthesized.ofType("AWS::EKS::AccessEntry").map(([, { Properties }]) => ({
  cluster: Properties.ClusterName as string,
  function: constructOf(synthesized.resources[Properties.PrincipalArn["Fn::GetAtt"][0]] as never).replace(/Role$/, ""),
  type: Properties.Type as string,
  groups: Properties.KubernetesGroups as string[],
}));

describe("access entries", () => {
  it("put each function that touches a cluster into its groups, in every cluster", () => {
    const expected = {
      InspectCluster: ["slipway:reader"],
      ReadLogs: ["slipway:reader"],
      AwaitReady: ["slipway:reader"],
      Sync: ["slipway:reader"],
      Prepare: ["slipway:writer"],
      ProvisionSlot: ["slipway:writer"],
      RetireSlot: ["slipway:writer"],
      EnsureCapacity: ["slipway:writer"],
      Bake: ["slipway:prober", "slipway:reader"],
      CollectMetrics: ["slipway:prober", "slipway:reader"],
      Watch: ["slipway:prober", "slipway:reader"],
      ShiftTraffic: ["slipway:prober", "slipway:writer"],
      TakeRouteAway: ["slipway:prober", "slipway:writer"],
      ProbeServer: ["slipway:prober"],
      SendSmokeTests: ["slipway:prober"],
      Preflight: ["slipway:preflight"],
    };
    for (const cluster of ["blue", "red"]) {
      const found = entries.filter((entry) => entry.cluster === cluster).map((entry) => [entry.function, entry.groups]);
      expect(Object.fromEntries(found)).toEqual(expected);
    }
    expect(new Set(entries.map(({ type }) => type))).toEqual(new Set(["STANDARD"]));
  });

  it("go with the permission to find exactly the configured clusters", () => {
    const finders = Object.entries(statementsByRole(synthesized))
      .map(([role, statements]) => [role, statements.filter(({ Action }) => list(Action).includes("eks:DescribeCluster"))] as const)
      .filter(([, found]) => found.length > 0);
    expect(finders.map(([role]) => role.replace(/Role$/, "")).sort()).toEqual([...new Set(entries.map((entry) => entry.function))].sort());
    for (const [, [statement]] of finders) {
      const clusters = list(statement?.Resource).map((arn) => /:cluster\/([a-z]+)/.exec(JSON.stringify(arn))?.[1]);
      expect(clusters.sort()).toEqual(["blue", "red"]);
    }
  });

  it("use groups that the bootstrap binds, and only those", () => {
    const bound = clusterRoles()
      .filter(({ kind }) => kind === "ClusterRoleBinding")
      .map((binding) => (binding.subjects as { name: string }[])[0]?.name);
    expect(new Set(entries.flatMap(({ groups }) => groups))).toEqual(new Set(bound));
  });
});

describe("what the groups may do", () => {
  interface Rule {
    resources: string[];
    verbs: string[];
  }
  const rules: Record<string, Rule[]> = Object.fromEntries(
    clusterRoles()
      .filter(({ kind }) => kind === "ClusterRole")
      .map((role) => [role.metadata.name, role.rules as Rule[]]),
  );
  const verbs = (group: string, resource: string) =>
    (rules[group] ?? []).filter(({ resources }) => resources.includes(resource)).flatMap((rule) => rule.verbs);

  it("never reads a Secret", () => {
    expect(verbs(accessGroups.writer, "secrets")).toEqual(["create", "delete"]);
    for (const group of [accessGroups.reader, accessGroups.prober]) expect(verbs(group, "secrets")).toEqual([]);
  });

  it("never changes what a revision runs as", () => {
    for (const resource of ["deployments", "services", "secrets", "poddisruptionbudgets"]) {
      expect(verbs(accessGroups.writer, resource)).not.toContain("patch");
      expect(verbs(accessGroups.writer, resource)).not.toContain("update");
    }
  });

  it("lets readers write nothing, and names every verb and resource", () => {
    const reading = new Set((rules[accessGroups.reader] ?? []).flatMap((rule) => rule.verbs));
    expect(reading).toEqual(new Set(["get", "list", "watch"]));
    for (const rule of Object.values(rules).flat()) expect([...rule.resources, ...rule.verbs]).not.toContain("*");
  });
});

describe("bootstrap objects", () => {
  const gateway = { ...(configuration.clusters.blue as ClusterConfiguration).gateway, controller: "example.com/gateway" };
  const objects = bootstrapObjects({ gateway });

  it("can each be told apart, and name what their kind needs", () => {
    const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.namespace ?? ""}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(["Gateway/slipway-gateway/slipway", "GatewayClass//envoy", "Namespace//slipway-gateway"]));
  });

  it("do not make the gateway's namespace one that Slipway's functions may write in", () => {
    const namespace = objects.find(({ kind }) => kind === "Namespace");
    expect(namespace?.metadata.labels).not.toHaveProperty("app.kubernetes.io/managed-by");
  });

  it("bind every admission policy, closed when it cannot decide", () => {
    const policies = objects.filter(({ kind }) => kind === "ValidatingAdmissionPolicy");
    const bound = objects
      .filter(({ kind }) => kind === "ValidatingAdmissionPolicyBinding")
      .map(({ spec }) => (spec as { policyName: string }).policyName);
    expect(policies.map(({ metadata }) => metadata.name)).toEqual(bound);
    for (const { spec } of policies) expect(spec).toMatchObject({ failurePolicy: "Fail" });
  });

  it("keep every write that RBAC permits to our namespaces, and look at no others", () => {
    interface Rule {
      apiGroups: string[];
      resources: string[];
      verbs?: string[];
      operations?: string[];
    }
    const operations = { create: "CREATE", update: "UPDATE", patch: "UPDATE", delete: "DELETE" };
    const each = ({ apiGroups, resources, ...rule }: Rule) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => (rule.operations ?? rule.verbs ?? []).map((what) => `${group}/${resource} ${what}`)),
      );
    const permitted = objects
      .filter(({ kind }) => kind === "ClusterRole")
      .flatMap(({ rules }) =>
        (rules as Rule[]).flatMap(({ verbs = [], ...rule }) => {
          const changes = verbs.flatMap((verb) => operations[verb as keyof typeof operations] ?? []);
          return each({ ...rule, operations: changes });
        }),
      )
      // Of the first two other policies and nobody's namespace decide; what passes through the API server is no write of its own.
      .filter((write) => !/^\/namespaces |^authorization\.k8s\.io\/|\/proxy /.test(write));
    const matched = objects
      .filter(({ kind, metadata }) => kind === "ValidatingAdmissionPolicy" && metadata.name === "slipway-own-objects")
      .flatMap(({ spec }) => (spec as { matchConstraints: { resourceRules: Rule[] } }).matchConstraints.resourceRules.flatMap(each))
      .filter((write) => !/^\/namespaces |^authorization\.k8s\.io\//.test(write));
    expect(new Set(matched)).toEqual(new Set(permitted));
    expect(matched.join()).not.toContain("*");
  });

  it("refuse by every admission policy as forbidden, in words", () => {
    const validations = objects
      .filter(({ kind }) => kind === "ValidatingAdmissionPolicy")
      .flatMap(({ spec }) => (spec as { validations: { message: string; reason: string }[] }).validations);
    expect(validations).not.toEqual([]);
    for (const each of validations) expect(each).toMatchObject({ reason: "Forbidden", message: expect.stringMatching(/must|may/) });
  });

  it("let no claimed route out of the rule that its epoch never falls", () => {
    type Rule = Record<"matchConditions" | "validations", { expression: string }[]>;
    const named = objects.filter(({ metadata }) => metadata.name === "slipway-epoch-never-falls");
    const [rule] = named.map(({ spec }) => spec as Rule);
    const { matchConditions, validations } = rule as Rule;
    // Whatever the old route must have for the rule to apply, the new one must have as well.
    const kept = validations.map(({ expression }) => expression);
    for (const { expression } of matchConditions) expect(kept).toContain(expression.replaceAll("oldObject", "object"));
  });
});
