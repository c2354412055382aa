import { presignUrl } from "../runtime/aws-signature.ts";
import { type AwsCredentials, type CredentialsProvider, dnsSuffix } from "../runtime/aws-surroundings.ts";

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
      const token = signToken(cluster, region, signer, new Date(now()));
      kept = { token, accessKeyId: signer.accessKeyId, until: now() + keptMilliseconds };
      return token;
    },
    forget(stale: string): void {
      if (kept?.token === stale) kept = undefined;
    },
  };
}

function signToken(cluster: string, region: string, credentials: AwsCredentials, at: Date): string {
  const url = new URL(`https://sts.${region}.${dnsSuffix(region)}/?Action=GetCallerIdentity&Version=2011-06-15`);
  const headers = { host: url.host, "x-k8s-aws-id": cluster };
  const presigned = presignUrl({ service: "sts", region, url, headers }, credentials, { at, expiresSeconds });
  return `k8s-aws-v1.${Buffer.from(presigned.href).toString("base64url")}`;
}
