import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";

export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
}
export type CredentialsProvider = () => Promise<AwsCredentials>;

/** EKS honours a token for 15 minutes from its date; nobody is served better by using it to the last. */
const keptMilliseconds = 10 * 60 * 1000;
/** By convention: the verifier wants a number and does not look at it. */
const expiresSeconds = 60;

/**
 * The bearer token by which EKS knows an IAM role: a presigned GetCallerIdentity of the regional STS that binds the
 * cluster's name. It is signed here by hand because the verifier refuses every parameter that the SDK would add.
 * Signing asks nobody, but the verifier asks STS for each new token, so tokens are kept; never beyond their credentials.
 */
export function eksTokens(cluster: string, region: string, credentials: CredentialsProvider, now: () => number) {
  let kept: { token: string; accessKeyId: string; until: number } | undefined;
  return {
    async token(): Promise<string> {
      const signer = await credentials();
      if (kept && kept.accessKeyId === signer.accessKeyId && now() < kept.until) return kept.token;
      const token = await signToken(cluster, region, signer, new Date(now()));
      kept = { token, accessKeyId: signer.accessKeyId, until: now() + keptMilliseconds };
      return token;
    },
    forget(stale: string): void {
      if (kept?.token === stale) kept = undefined;
    },
  };
}

async function signToken(cluster: string, region: string, credentials: AwsCredentials, signingDate: Date): Promise<string> {
  const hostname = `sts.${region}.${dnsSuffix(region)}`;
  const signer = new SignatureV4({ service: "sts", region, credentials: plain(credentials), sha256: Sha256, applyChecksum: false });
  const presigned = await signer.presign(
    {
      method: "GET",
      protocol: "https:",
      hostname,
      path: "/",
      headers: { host: hostname, "x-k8s-aws-id": cluster },
      query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
    },
    { expiresIn: expiresSeconds, signingDate },
  );
  const query = new URLSearchParams(presigned.query as Record<string, string>);
  return `k8s-aws-v1.${Buffer.from(`https://${hostname}/?${query}`).toString("base64url")}`;
}

export const dnsSuffix = (region: string): string => (region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com");

/** The signer takes no explicit `undefined`. */
export const plain = ({ accessKeyId, secretAccessKey, sessionToken }: AwsCredentials) => ({
  accessKeyId,
  secretAccessKey,
  ...(sessionToken !== undefined && { sessionToken }),
});
