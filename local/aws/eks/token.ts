import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { assumedRole } from "../../iam/roles.ts";
import type { Application } from "../../template/application.ts";
import { account } from "../../template/place.ts";
import { type Credentials, type Issued, person } from "../credentials.ts";
import { signingTime } from "../signature.ts";

/** Who an EKS token speaks for, or why it is refused. */
export type Identity = { username: string; groups: string[]; arn: string } | { error: string };

export interface TokenCheck {
  application: Application;
  credentials: Credentials;
  cluster: string;
  /** Whether who started the local system is the cluster's administrator, as who made it is on EKS. */
  admits_person: boolean;
  now(): number;
}

const prefix = "k8s-aws-v1.";
const longestToken = 4096;
/** Whatever X-Amz-Expires says, the signature of GetCallerIdentity holds for this long. */
const validMilliseconds = 15 * 60 * 1000;
const allowedParameters = new Set([
  "action",
  "version",
  "x-amz-algorithm",
  "x-amz-credential",
  "x-amz-date",
  "x-amz-expires",
  "x-amz-security-token",
  "x-amz-signature",
  "x-amz-signedheaders",
  "x-amz-user-agent",
]);

/** Tokens whose signature is not computed again; clients use one for minutes. */
const mostVerified = 1_000;

/**
 * Checks bearer tokens as EKS does: the form as aws-iam-authenticator, the signature as STS would, then the access
 * entry of the role. The cluster's name is part of what is signed: a token for another cluster has another signature.
 * Each time but for the signature, which stays right: the same text was signed with the same secret.
 */
export function eksAuthenticator(check: TokenCheck): (token: string) => Promise<Identity> {
  /** The secret by token. */
  const verified = new Map<string, string>();
  return async (token) => {
    try {
      const url = readToken(token);
      refuseForm(url, check.now());
      const issued = signer(url, check.credentials);
      if (verified.get(token) !== issued.secret_access_key) refuseSignature(url, issued.secret_access_key, check.cluster);
      if (verified.size >= mostVerified) verified.clear();
      verified.set(token, issued.secret_access_key);
      return identity(issued, check);
    } catch (error) {
      if (error instanceof TokenRefused) return { error: error.message };
      throw error;
    }
  };
}

class TokenRefused extends Error {}
const refuse = (why: string): never => {
  throw new TokenRefused(why);
};

function readToken(token: string): URL {
  if (token.length > longestToken) refuse("token is too large");
  if (!token.startsWith(prefix)) refuse(`token is missing expected "${prefix}" prefix`);
  const encoded = token.slice(prefix.length);
  if (!/^[A-Za-z0-9_-]+$/.test(encoded)) refuse("token is not unpadded base64url");
  try {
    return new URL(Buffer.from(encoded, "base64url").toString("utf8"));
  } catch {
    return refuse("token does not hold a URL");
  }
}

function refuseForm(url: URL, now: number): void {
  if (url.protocol !== "https:") refuse(`unexpected scheme "${url.protocol}" in pre-signed URL`);
  if (!/^sts(\.[a-z0-9-]+)?\.amazonaws\.com$/.test(url.host)) refuse(`unexpected hostname "${url.host}" in pre-signed URL`);
  if (url.pathname !== "/") refuse(`unexpected path "${url.pathname}" in pre-signed URL`);
  refuseParameters(url.searchParams);
  const parameter = (name: string): string => url.searchParams.get(name) ?? "";
  if (parameter("Action") !== "GetCallerIdentity") refuse(`unexpected action "${parameter("Action")}" in pre-signed URL`);
  if (!parameter("X-Amz-SignedHeaders").split(";").includes("x-k8s-aws-id"))
    refuse("client did not sign the x-k8s-aws-id header in the pre-signed URL");
  const expires = parameter("X-Amz-Expires");
  if (!/^\d+$/.test(expires) || Number(expires) > 900) refuse(`invalid X-Amz-Expires parameter in pre-signed URL: ${expires}`);
  const signed = signingTime(parameter("X-Amz-Date"));
  if (Number.isNaN(signed)) refuse(`error parsing X-Amz-Date parameter ${parameter("X-Amz-Date")}`);
  if (now > signed + validMilliseconds) refuse("X-Amz-Date parameter is expired (15 minute expiration)");
  if (signed > now + validMilliseconds) refuse("X-Amz-Date parameter is in the future");
}

function refuseParameters(parameters: URLSearchParams): void {
  for (const name of new Set(parameters.keys())) {
    if (!allowedParameters.has(name.toLowerCase())) refuse(`non-whitelisted query parameter "${name}"`);
    if (parameters.getAll(name).length > 1) refuse(`query parameter with multiple values not supported: ${name}`);
  }
}

function signer(url: URL, credentials: Credentials): Issued {
  const [access_key_id = ""] = (url.searchParams.get("X-Amz-Credential") ?? "").split("/");
  const mine: Issued = { role_arn: null, ...person, session_token: null, session: "person" };
  const issued = access_key_id === person.access_key_id ? mine : credentials.find(access_key_id);
  if (issued === undefined)
    return refuse(`the access key ${access_key_id} was not issued by this system (a person signs with ${person.access_key_id})`);
  if (issued.session_token !== url.searchParams.get("X-Amz-Security-Token"))
    refuse("The security token included in the request is invalid");
  return issued;
}

/** What STS does with the request that the token is. */
function refuseSignature(url: URL, secret: string, cluster: string): void {
  const [, date = "", region = "", service = "", terminator = ""] = (url.searchParams.get("X-Amz-Credential") ?? "").split("/");
  if (service !== "sts" || terminator !== "aws4_request") refuse("the credential is not scoped to STS");
  const scope = `${date}/${region}/sts/aws4_request`;
  const signingDate = url.searchParams.get("X-Amz-Date") ?? "";
  const text = ["AWS4-HMAC-SHA256", signingDate, scope, sha256(canonicalRequest(url, cluster))].join("\n");
  const key = [date, region, "sts", "aws4_request"].reduce<Buffer | string>((last, part) => hmac(last, part), `AWS4${secret}`);
  const expected = hmac(key, text);
  const given = Buffer.from(url.searchParams.get("X-Amz-Signature") ?? "", "hex");
  if (given.length !== expected.length || !timingSafeEqual(given, expected) || !signingDate.startsWith(date)) {
    refuse(`the signature does not match: it was made with another secret, or not for the cluster ${cluster}`);
  }
}

function canonicalRequest(url: URL, cluster: string): string {
  const query = [...url.searchParams]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join("&");
  const headers: Record<string, string> = { host: url.host, "x-k8s-aws-id": cluster };
  const signed = (url.searchParams.get("X-Amz-SignedHeaders") ?? "").split(";");
  const unknown = signed.find((name) => !Object.hasOwn(headers, name));
  if (unknown !== undefined) refuse(`the header ${unknown} is signed, which the API server does not send`);
  return ["GET", "/", query, ...signed.map((name) => `${name}:${headers[name]}`), "", signed.join(";"), sha256("")].join("\n");
}

const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: Buffer | string, text: string): Buffer => createHmac("sha256", key).update(text).digest();

function identity({ role_arn, session }: Issued, { application, cluster, admits_person }: TokenCheck): Identity {
  if (role_arn === null && !admits_person) return refuse(`a person has no access entry for the cluster ${cluster}: use the kubeconfig`);
  if (role_arn === null) return { username: "kubernetes-admin", groups: ["system:masters"], arn: `arn:aws:iam::${account}:root` };
  const entry = application
    .ofType("AWS::EKS::AccessEntry")
    .find(({ properties }) => properties.PrincipalArn === role_arn && properties.ClusterName === cluster);
  if (entry === undefined) return refuse(`${role_arn} has no access entry for the cluster ${cluster} in the template`);
  const username = String(entry.properties.Username ?? assumedRole(role_arn, session));
  return { username, groups: (entry.properties.KubernetesGroups as string[] | undefined) ?? [], arn: role_arn };
}
