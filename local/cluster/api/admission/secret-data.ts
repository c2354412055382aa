import type { Resource } from "../../objects/resource.ts";
import { badRequest } from "../status-error.ts";

/** Throws BadRequest for values that are not base64, as Kubernetes' decoder does before anything else is looked at. */
export function checkSecretData(object: Resource): void {
  for (const value of Object.values((object.data ?? {}) as Record<string, unknown>)) {
    const at = typeof value === "string" ? illegalByte(value) : undefined;
    if (at === undefined) continue;
    throw badRequest(`Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte ${at}`);
  }
}

function illegalByte(text: string): number | undefined {
  const odd = /[^A-Za-z0-9+/=\r\n]|=(?!=?$)/.exec(text)?.index;
  const length = text.replace(/[\r\n]/g, "").length;
  return odd ?? (length % 4 === 0 ? undefined : length - (length % 4));
}
