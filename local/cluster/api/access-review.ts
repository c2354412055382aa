import { type Attributes, isAllowed, type User } from "./authorization.ts";
import { badRequest } from "./status-error.ts";
import type { Store } from "./store.ts";

interface Review {
  spec?: {
    /** Of a SubjectAccessReview: whom it is about. */
    user?: string;
    groups?: string[];
    resourceAttributes?: { verb?: string; group?: string; resource?: string; subresource?: string; namespace?: string; name?: string };
    nonResourceAttributes?: { verb?: string; path?: string };
  };
}

/** SelfSubjectAccessReview: whether the caller may do what `spec` names. Nothing is stored. */
export function reviewAccess(store: Store, user: User, review: Review): object {
  const allowed = isAllowed(store, user, askedOf(review));
  return { ...review, apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", metadata: {}, status: { allowed } };
}

/** SubjectAccessReview: the same of somebody else, for whom the caller may ask. */
export function reviewAccessOf(store: Store, review: Review): object {
  const { user = "", groups = [] } = review.spec ?? {};
  if (!user && groups.length === 0) throw badRequest("spec.user or spec.groups must be given");
  const allowed = isAllowed(store, { username: user, groups }, askedOf(review));
  return { ...review, apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", metadata: {}, status: { allowed } };
}

function askedOf({ spec }: Review): Attributes {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec ?? {};
  if (path) return { verb: path.verb ?? "", path: path.path ?? "" };
  if (!resource) throw badRequest("spec.resourceAttributes or spec.nonResourceAttributes must be given");
  return {
    verb: resource.verb ?? "",
    group: resource.group ?? "",
    resource: resource.subresource ? `${resource.resource}/${resource.subresource}` : (resource.resource ?? ""),
    namespace: resource.namespace ?? "",
    name: resource.name ?? "",
  };
}
