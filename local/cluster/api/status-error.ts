/** The `Status` object that Kubernetes answers with when a request fails, thrown as an error inside the server. */
export class StatusError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;
  readonly metadata: object;
  constructor(code: number, reason: string, message: string, details?: StatusDetails, metadata: object = {}) {
    super(message);
    this.name = "StatusError";
    this.code = code;
    this.reason = reason;
    this.details = details;
    this.metadata = metadata;
  }

  toStatus() {
    const { message, reason, details, code, metadata } = this;
    return statusObject("Failure", { metadata, message, ...(reason && { reason }), details, code });
  }
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}
export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

/** Group and plural of a resource, as messages name it: `deployments.apps`, `pods`. */
export interface GroupResource {
  group: string;
  plural: string;
}

export function statusObject(status: "Success" | "Failure", rest: object) {
  return { kind: "Status", apiVersion: "v1", metadata: {}, status, ...rest };
}

export function qualified({ group, plural }: GroupResource): string {
  return group ? `${plural}.${group}` : plural;
}

function detailsOf(resource: GroupResource, name: string): StatusDetails {
  return { ...(name && { name }), ...(resource.group && { group: resource.group }), kind: resource.plural };
}

export function notFound(resource: GroupResource, name: string): StatusError {
  return new StatusError(404, "NotFound", `${qualified(resource)} "${name}" not found`, detailsOf(resource, name));
}

export function alreadyExists(resource: GroupResource, name: string): StatusError {
  return new StatusError(409, "AlreadyExists", `${qualified(resource)} "${name}" already exists`, detailsOf(resource, name));
}

export function conflict(resource: GroupResource, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`;
  return new StatusError(409, "Conflict", message, detailsOf(resource, name));
}

export const objectModified = "the object has been modified; please apply your changes to the latest version and try again";

export function forbidden(resource: GroupResource, name: string, why: string, causes?: StatusCause[]): StatusError {
  const subject = name ? `${qualified(resource)} "${name}" is ` : resource.plural ? `${qualified(resource)} is ` : "";
  const details = { ...detailsOf(resource, name), ...(causes && { causes }) };
  return new StatusError(403, "Forbidden", `${subject}forbidden: ${why}`, details);
}

/** One field of an object that validation refuses; `message` is the whole of what follows `field: `. */
export interface FieldError {
  field: string;
  type: "FieldValueInvalid" | "FieldValueRequired" | "FieldValueForbidden" | "FieldValueNotSupported";
  message: string;
}

export function invalid(kind: { group: string; kind: string }, name: string, errors: FieldError[]): StatusError {
  const subject = kind.group ? `${kind.kind}.${kind.group}` : kind.kind;
  const texts = errors.map((error) => `${error.field}: ${error.message}`);
  const text = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`;
  return new StatusError(422, "Invalid", `${subject} "${name}" is invalid: ${text}`, {
    name,
    ...(kind.group && { group: kind.group }),
    kind: kind.kind,
    causes: errors.map(({ type, message, field }) => ({ reason: type, message, field })),
  });
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, "BadRequest", message);
}

export function unauthorized(): StatusError {
  return new StatusError(401, "Unauthorized", "Unauthorized");
}

export function expired(message: string, metadata: object = {}): StatusError {
  return new StatusError(410, "Expired", message, undefined, metadata);
}

export function serviceUnavailable(message: string): StatusError {
  return new StatusError(503, "ServiceUnavailable", message);
}

export function methodNotAllowed(): StatusError {
  return new StatusError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});
}

/** What a real cluster may have and this one does not: said as the API server says it, with what is missing. */
export function notProvided(what: string): StatusError {
  return new StatusError(404, "NotFound", `the server could not find the requested resource (the local cluster has no ${what})`, {});
}
