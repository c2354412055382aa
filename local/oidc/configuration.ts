import type { Context, Provider, Token } from "oidc-provider";
import { readOrMakeKeys } from "./keys.ts";
import { MemoryAdapter } from "./memory-adapter.ts";
import { people, secret } from "./people.ts";

/** What tokens are asked for, as a resource indicator (RFC 8707) must be a URI; the audience in them is `slipway`. */
const resource = "urn:slipway:api";
const hour = 3600;

export function issuerConfiguration(origin: string, dataFolder: string, provider: () => Provider): object {
  const { jwks, cookies } = readOrMakeKeys(dataFolder);
  return {
    adapter: MemoryAdapter,
    jwks,
    cookies: { keys: cookies },
    clients: [...Object.keys(people).map(program), consoleClient(origin)],
    scopes: ["openid", "offline_access"],
    claims: { openid: ["sub"], profile: ["name", "groups", "email"] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    responseTypes: ["code"],
    interactions: { url: (_context: Context, interaction: { uid: string }) => `${origin}/oidc/interaction/${interaction.uid}` },
    findAccount: (_context: Context, id: string) => ({ accountId: id, claims: () => claimsOf(id) }),
    extraTokenClaims: (_context: Context, token: Token) => claimsOf(token.accountId ?? token.clientId),
    loadExistingGrant: (context: Context) => consent(context, provider()),
    ttl: { AccessToken: 8 * hour, ClientCredentials: 8 * hour, Session: 24 * hour, Grant: 24 * hour, IdToken: hour, Interaction: hour },
    clientBasedCORS: () => false,
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: "",
          audience: "slipway",
          accessTokenFormat: "jwt",
          accessTokenTTL: 8 * hour,
          jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
  };
}

const program = (id: string) => ({
  client_id: id,
  client_secret: secret,
  grant_types: ["client_credentials"],
  redirect_uris: [],
  response_types: [],
});

/** The console in the browser: no secret, PKCE. */
const consoleClient = (origin: string) => ({
  client_id: "console",
  token_endpoint_auth_method: "none",
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
  redirect_uris: [`${origin}/`, `${origin}/signed-in`],
  post_logout_redirect_uris: [`${origin}/`],
});

function claimsOf(id: string): Record<string, unknown> {
  const person = people[id];
  return { sub: id, email: `${id}@slipway.local`, name: person?.name ?? id, groups: person?.groups ?? [] };
}

/** Nobody is asked whether the console may act for them: it is part of the same system. */
async function consent({ oidc }: Context, provider: Provider) {
  const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
  grant.addOIDCScope("openid profile email offline_access");
  grant.addResourceScope(resource, "");
  await grant.save();
  return grant;
}
