import { createHash, randomBytes } from "node:crypto";
import type { Principal } from "./service.ts";

export interface Issued extends Principal {
  secret_access_key: string;
  session_token: string | null;
  /** Session name of the assumed role; the function's name. */
  session: string;
}

/** The variables by which an SDK finds its credentials. */
export interface CredentialVariables extends Record<string, string> {
  AWS_ACCESS_KEY_ID: string;
  AWS_SECRET_ACCESS_KEY: string;
  AWS_SESSION_TOKEN: string;
}

/** Access keys of the roles that functions run as, new at each start, and the person's own. */
export class Credentials {
  private readonly issued = new Map<string, Issued>();

  issue(role_arn: string, session: string): CredentialVariables {
    const access_key_id = `ASIA${createHash("sha256").update(`${role_arn} ${session}`).digest("hex").slice(0, 16).toUpperCase()}`;
    const secret_access_key = randomBytes(30).toString("base64");
    const session_token = randomBytes(48).toString("base64");
    this.issued.set(access_key_id, { role_arn, access_key_id, secret_access_key, session_token, session });
    return { AWS_ACCESS_KEY_ID: access_key_id, AWS_SECRET_ACCESS_KEY: secret_access_key, AWS_SESSION_TOKEN: session_token };
  }

  /** undefined for every key that was not issued here: the person at the keyboard uses any they like. */
  find(accessKeyId: string): Issued | undefined {
    return this.issued.get(accessKeyId);
  }
}

/** The person may sign EKS tokens only with this pair, since the secret is needed to check a signature. */
export const person = { access_key_id: "local", secret_access_key: "local" } as const;
