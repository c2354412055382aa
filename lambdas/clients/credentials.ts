/** What a caller shows in `Authorization`; with Basic also the name that it gives itself. */
export interface Credentials {
  name?: string;
  token: string;
}

/** `Bearer token`, or `Basic base64(name:token)` (RFC 7617). undefined: anything else. */
export function credentialsIn(authorization: string): Credentials | undefined {
  const [, scheme = "", given = ""] = /^\s*(\w+) +(\S+)\s*$/.exec(authorization) ?? [];
  if (scheme.toLowerCase() === "bearer") return { token: given };
  if (scheme.toLowerCase() !== "basic") return undefined;
  const [, name = "", token] = /^([^:]*):(.*)$/s.exec(Buffer.from(given, "base64").toString("utf8")) ?? [];
  return token === undefined ? undefined : { name, token };
}
