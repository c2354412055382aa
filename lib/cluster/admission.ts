import { accessGroups } from "../../domain/access-groups.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { epochAnnotation, labels, managedBy } from "../../domain/names.ts";
import { writes } from "./access.ts";

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
  validations: { expression: string; message: string; messageExpression?: string }[];
}

/**
 * RBAC cannot say "in labelled namespaces only", nor compare an object with what it was: these policies do. Each
 * fails closed, and binds whoever holds one of our groups, or whoever changes one of our routes.
 */
export function admissionPolicies(): KubernetesObject[] {
  return [ownNamespaces, ownObjects, epochNeverFalls].flatMap(({ name, validations, ...spec }) => [
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicy",
      metadata: { name },
      // Without a reason the API server would call a well-formed object invalid.
      spec: { failurePolicy: "Fail", ...spec, validations: validations.map((each) => ({ ...each, reason: "Forbidden" })) },
    },
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

const operations: Record<string, string> = { create: "CREATE", update: "UPDATE", patch: "UPDATE", delete: "DELETE" };

/**
 * Of what RBAC lets us write, and of nothing else: the API server gets whatever it matches ready for CEL before it asks who
 * writes, and most writes of a cluster are those of its kubelets and controllers.
 */
const ownObjects: Policy = {
  name: "slipway-own-objects",
  matchConstraints: {
    resourceRules: writes.map(({ apiGroups, resources, verbs }) => ({
      apiGroups,
      apiVersions: ["*"],
      operations: verbs.map((verb) => operations[verb]),
      resources,
    })),
    excludeResourceRules: [
      { apiGroups: [""], apiVersions: ["v1"], operations: ["*"], resources: ["namespaces"] },
      // A question is asked by creating an object that is never stored.
      { apiGroups: ["authorization.k8s.io"], apiVersions: ["*"], operations: ["*"], resources: ["*"] },
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

/** CEL: this object carries an epoch. Anything but digits is none: `int()` of it would be an error. */
const claimed = (object: string) =>
  `has(${object}.metadata.annotations) && '${epochAnnotation}' in ${object}.metadata.annotations && ${object}.metadata.annotations['${epochAnnotation}'].matches('^[0-9]{1,18}$')`;

const epoch = (object: string) => `int(${object}.metadata.annotations['${epochAnnotation}'])`;

/**
 * Whoever holds a newer epoch owns the route: an executor that was overtaken cannot move traffic any more. A route that
 * lost our label or its epoch would be out of this rule's sight, so neither may be taken away.
 */
const epochNeverFalls: Policy = {
  name: "slipway-epoch-never-falls",
  matchConstraints: {
    resourceRules: [{ apiGroups: ["gateway.networking.k8s.io"], apiVersions: ["*"], operations: ["UPDATE"], resources: ["httproutes"] }],
  },
  matchConditions: [
    { name: "ours", expression: ours("oldObject") },
    { name: "claimed", expression: claimed("oldObject") },
  ],
  validations: [
    {
      expression: ours("object"),
      message: `the route was claimed by Slipway: it must keep the label ${ourLabel}`,
    },
    {
      expression: claimed("object"),
      message: `the route was claimed: it must keep a whole number in the annotation ${epochAnnotation}`,
    },
    {
      expression: `!(${claimed("object")}) || ${epoch("object")} >= ${epoch("oldObject")}`,
      message: "the route was claimed by a newer epoch: an older one may not change it",
      messageExpression: `'the route was claimed by epoch ' + oldObject.metadata.annotations['${epochAnnotation}'] + ': an older epoch may not change it'`,
    },
  ],
};
