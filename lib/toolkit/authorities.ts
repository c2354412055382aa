import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";

/** Who has signed, or signs, what the services of AWS show: its own authority, whom that has bought, and who did it before, in China still. */
const signers = ["Amazon", "Starfield Technologies, Inc.", "DigiCert Inc"];

export const authoritiesFile = "authorities.pem";

/** Certificates of these authorities as Node brings them, as PEM. */
export function authorities(): string {
  const known = Map.groupBy(rootCertificates, signerOf);
  const missing = signers.filter((signer) => !known.has(signer));
  if (missing.length > 0)
    throw new Error(`Node ${process.version} has no certificate of ${missing.join(" or ")}, by which functions know AWS`);
  return signers.flatMap((signer) => known.get(signer) ?? []).join("\n");
}

const signerOf = (certificate: string): unknown => new X509Certificate(certificate).toLegacyObject().subject.O;

/** Where a function's code lies on Lambda. */
export const taskRoot = "/var/task";

/**
 * Has a function read these alone before its first request, and not the 121 that Node brings: that takes 5 to 8 ms of each cold start
 * (docs/adr/027). Who asks others than AWS names their authorities itself.
 */
export const trustVariables = { NODE_OPTIONS: "--use-openssl-ca", SSL_CERT_FILE: `${taskRoot}/${authoritiesFile}` } as const;
