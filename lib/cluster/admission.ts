import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { labels, managedBy } from "../../domain/names.ts";
import { accessGroups } from "./access.ts";

const apiVersion = "admissionregistration.k8s.io/v1";

const ourLabel = `${labels.managedBy}=${managedBy}`;

/** CEL: this object carries our label. */
const ours = (object: string) =>
  `has(${object}.metadata.labels) && '${labels.managedBy}' in ${object}.metadata.labels && ${object}.metadata.labels['${labels.managedBy}'] == '${managedBy}'`;

const fromUs = {
  name: "asked-by-slipway",
  expression: `request.userInfo.groups.exists(group, group in [${Object.values(accessGroups)
    .map((group) => `'${group}'`)
    .join(", ")}])`,
};

interface Policy {
  name: string;
  matchConstraints: object;
  matchConditions: { name: string; expression: string }[];
  validations: { expression: string; message?: string; messageExpression?: string }[];
}

/**
 * RBAC cannot say "in labelled namespaces only", nor compare an object with what it was: these policies do. Each
 * fails closed, and binds whoever holds one of our groups, or whoever changes one of our routes.
 */
export function admissionPolicies(): KubernetesObject[] {
  return [ownNamespaces, ownObjects, epochNeverFalls].flatMap(({ name, ...spec }) => [
    { apiVersion, kind: "ValidatingAdmissionPolicy", metadata: { name }, spec: { failurePolicy: "Fail", ...spec } },
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name },
      spec: { policyName: name, validationActions: ["Deny"] },
    },
  ]);
}

/** Slipway makes namespaces that carry its label, and can neither adopt nor disown one. */
const ownNamespaces: Policy = {
  name: "slipway-own-namespaces",
  matchConstraints: {
    resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE", "DELETE"], resources: ["namespaces"] }],
  },
  matchConditions: [fromUs],
  validations: [
    {
      expression: `request.operation == 'DELETE' || (${ours("object")})`,
      message: `Slipway may write only namespaces labelled ${ourLabel}`,
    },
    {
      expression: `oldObject == null || (${ours("oldObject")})`,
      message: `Slipway may not take over a namespace that is not labelled ${ourLabel}`,
    },
  ],
};

const ownObjects: Policy = {
  name: "slipway-own-objects",
  matchConstraints: {
    resourceRules: [{ apiGroups: ["*"], apiVersions: ["*"], operations: ["CREATE", "UPDATE", "DELETE"], resources: ["*/*"] }],
    excludeResourceRules: [
      { apiGroups: [""], apiVersions: ["v1"], operations: ["*"], resources: ["namespaces"] },
      // Questions about oneself ("may I …?") are asked by creating an object that is never stored.
      { apiGroups: ["authorization.k8s.io", "authentication.k8s.io"], apiVersions: ["*"], operations: ["*"], resources: ["*"] },
    ],
  },
  matchConditions: [fromUs],
  validations: [
    {
      expression: `namespaceObject != null && ${ours("namespaceObject")}`,
      message: `Slipway may write only in namespaces labelled ${ourLabel}`,
    },
  ],
};

/** Whoever holds a newer epoch owns the route: an executor that was overtaken cannot move traffic any more. */
const epochNeverFalls: Policy = {
  name: "slipway-epoch-never-falls",
  matchConstraints: {
    resourceRules: [{ apiGroups: ["gateway.networking.k8s.io"], apiVersions: ["*"], operations: ["UPDATE"], resources: ["httproutes"] }],
  },
  matchConditions: [
    { name: "ours", expression: ours("oldObject") },
    { name: "claimed", expression: `has(oldObject.metadata.annotations) && '${labels.epoch}' in oldObject.metadata.annotations` },
  ],
  validations: [
    {
      expression: `has(object.metadata.annotations) && '${labels.epoch}' in object.metadata.annotations && int(object.metadata.annotations['${labels.epoch}']) >= int(oldObject.metadata.annotations['${labels.epoch}'])`,
      messageExpression: `'the route was claimed by epoch ' + oldObject.metadata.annotations['${labels.epoch}'] + ': an older epoch may not change it'`,
    },
  ],
};
