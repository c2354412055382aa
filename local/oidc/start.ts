import type { IncomingMessage, ServerResponse } from "node:http";
import { Provider } from "oidc-provider";
import { readBody } from "../aws/endpoint.ts";
import { issuerConfiguration } from "./configuration.ts";
import { people } from "./people.ts";
import { signInPage } from "./sign-in-page.ts";

export interface OidcOptions {
  /** `http://127.0.0.1:<port>`; the issuer is `/oidc` under it. */
  origin: string;
  dataFolder: string;
}

/** An OpenID Connect issuer on `/oidc`: tokens for programs by client credentials, for people by a page with three buttons. */
export function startOidc({ origin, dataFolder }: OidcOptions) {
  const provider: Provider = new Provider(
    `${origin}/oidc`,
    issuerConfiguration(origin, dataFolder, () => provider),
  );
  const callback = provider.callback();
  return {
    handle: async (request: IncomingMessage & { originalUrl?: string }, response: ServerResponse): Promise<void> => {
      // The issuer makes its own addresses from the part of the path that was taken off before it.
      request.originalUrl = request.url ?? "/oidc";
      request.url = request.originalUrl.replace(/^\/oidc/, "") || "/";
      if (request.url.startsWith("/interaction/")) await interact(provider, request, response);
      else await callback(request, response);
    },
  };
}

async function interact(provider: Provider, request: IncomingMessage & { originalUrl?: string }, response: ServerResponse): Promise<void> {
  try {
    await provider.interactionDetails(request, response);
    const account = request.method === "POST" ? new URLSearchParams((await readBody(request)).toString("utf8")).get("account") : null;
    if (account !== null && Object.hasOwn(people, account)) {
      await provider.interactionFinished(request, response, { login: { accountId: account } });
      return;
    }
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
    response.end(signInPage(request.originalUrl ?? ""));
  } catch {
    response.writeHead(400, { "content-type": "text/plain; charset=utf-8" });
    response.end("This sign-in is over. Begin again where you came from.\n");
  }
}
