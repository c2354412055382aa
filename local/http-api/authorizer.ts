import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from "jose";
import type { Application, Resource } from "../template/application.ts";

/** What a verified token says, as API Gateway hands it to the function. */
export interface Claims {
  claims: Record<string, string>;
  scopes: string[] | null;
}

interface AuthorizerProperties {
  ApiId: string;
  AuthorizerType: string;
  IdentitySource?: string[];
  JwtConfiguration?: { Issuer: string; Audience: string[] };
}

export function readAuthorizers(api: Resource, application: Application): Map<string, JwtAuthorizer> {
  const resources = application.ofType("AWS::ApiGatewayV2::Authorizer").filter(({ properties }) => properties.ApiId === api.ref);
  return new Map(
    resources.map((resource) => {
      const { AuthorizerType, JwtConfiguration, IdentitySource = [] } = resource.properties as unknown as AuthorizerProperties;
      if (AuthorizerType !== "JWT" || JwtConfiguration === undefined || IdentitySource[0] !== "$request.header.Authorization") {
        throw new Error(`${resource.path}: the local HTTP API carries out JWT authorizers on the Authorization header only`);
      }
      return [resource.ref, new JwtAuthorizer(JwtConfiguration.Issuer, JwtConfiguration.Audience)];
    }),
  );
}

/** Verifies signature, issuer, audience and times of a bearer token against the issuer's published keys. */
export class JwtAuthorizer {
  readonly issuer: string;
  private readonly audience: string[];
  private keys: Promise<ReturnType<typeof createRemoteJWKSet>> | null = null;

  constructor(issuer: string, audience: string[]) {
    this.issuer = issuer;
    this.audience = audience;
  }

  /** When the token is missing or not to be trusted: the challenge, as `www-authenticate` has it. */
  async verify(authorization: string | undefined): Promise<Claims | string> {
    const token = /^(?:Bearer\s+)?(\S+)$/i.exec(authorization ?? "")?.[1];
    if (token === undefined) return "Bearer";
    try {
      const { payload } = await jwtVerify(token, await this.keySet(), { issuer: this.issuer, algorithms: ["RS256", "RS384", "RS512"] });
      if (!this.isMeantForUs(payload)) return challenge("the token does not have a valid audience");
      return { claims: claimTexts(payload), scopes: null };
    } catch (error) {
      return challenge(error instanceof errors.JWTExpired ? "the token has expired" : undefined);
    }
  }

  /** API Gateway takes `client_id` only when the token has no `aud`. */
  private isMeantForUs(payload: JWTPayload): boolean {
    const given = payload.aud ?? payload.client_id;
    return [given].flat().some((audience) => this.audience.includes(String(audience)));
  }

  private keySet(): Promise<ReturnType<typeof createRemoteJWKSet>> {
    this.keys ??= this.discover().catch((error) => {
      this.keys = null;
      throw error;
    });
    return this.keys;
  }

  private async discover(): Promise<ReturnType<typeof createRemoteJWKSet>> {
    const response = await fetch(`${this.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
    const { jwks_uri } = (await response.json()) as { jwks_uri: string };
    return createRemoteJWKSet(new URL(jwks_uri));
  }
}

/** API Gateway says in the challenge what is wrong with a token; its body is always the same. */
const challenge = (description?: string): string =>
  `Bearer scope="" error="invalid_token"${description === undefined ? "" : ` error_description="${description}"`}`;

/** API Gateway makes every claim a string; a list becomes `[a b]`. */
export function claimTexts(payload: JWTPayload): Record<string, string> {
  return Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, claimText(value)]));
}

function claimText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(claimText).join(" ")}]`;
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}
