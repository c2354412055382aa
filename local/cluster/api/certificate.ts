import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "selfsigned";

export interface Identity {
  key: string;
  certificate: string;
  /** PEM of the authority that signed the certificate. */
  authority: string;
  adminToken: string;
}

const years = 10;

/** The server's certificate for 127.0.0.1, the authority that signed it and the operator's token: made once, then kept. */
export async function clusterIdentity(folder: string, name: string): Promise<Identity> {
  const file = join(folder, "identity.json");
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
  const identity = await newIdentity(name);
  writeFileSync(file, JSON.stringify(identity), { mode: 0o600 });
  return identity;
}

async function newIdentity(name: string): Promise<Identity> {
  const notAfterDate = new Date(Date.now() + years * 365 * 86_400_000);
  const common = { keyType: "ec", algorithm: "sha256", notAfterDate } as const;
  const authority = await generate([{ name: "commonName", value: `${name} certificate authority` }], {
    ...common,
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
    ],
  });
  const server = await generate([{ name: "commonName", value: "kube-apiserver" }], {
    ...common,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: "basicConstraints", cA: false },
      { name: "keyUsage", digitalSignature: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 7, ip: "127.0.0.1" },
          { type: 2, value: "localhost" },
          { type: 2, value: "kubernetes" },
        ],
      },
    ],
  });
  return { key: server.private, certificate: server.cert, authority: authority.cert, adminToken: randomBytes(32).toString("base64url") };
}
