interface State {
  status: string;
  condition: { message: string };
  endpoint: string;
  operation?: unknown;
}

/** The few calls of Slipway's API that the sample makes, as any client would. */
export class SlipwayApi {
  readonly #baseUrl: string;
  readonly #token: string;

  private constructor(baseUrl: string, token: string) {
    this.#baseUrl = baseUrl;
    this.#token = token;
  }

  static async signIn(baseUrl: string, client: "admin" | "member" | "viewer"): Promise<SlipwayApi> {
    const response = await fetch(`${baseUrl}/oidc/token`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ grant_type: "client_credentials", client_id: client, client_secret: "local" }),
    });
    if (!response.ok) throw new Error(`sign-in as ${client} failed: ${response.status} ${await response.text()}`);
    return new SlipwayApi(baseUrl, ((await response.json()) as { access_token: string }).access_token);
  }

  /** The answer's body, or undefined when there is no such thing. */
  // biome-ignore lint/suspicious/noExplicitAny: shapes are the API's own; this client only passes them on
  async find(path: string): Promise<any> {
    const response = await this.#fetch("GET", path);
    if (response.status === 404) return undefined;
    return this.#body(response, path);
  }

  // biome-ignore lint/suspicious/noExplicitAny: shapes are the API's own; this client only passes them on
  async post(path: string, body: unknown): Promise<any> {
    return this.#body(await this.#fetch("POST", path, body), path);
  }

  /** Asks until no operation is under way any more. Every operation has a deadline, so this ends. */
  async waitUntilSettled(id: string): Promise<State> {
    for (;;) {
      const state = (await this.find(`/v1/deployments/${id}/state`)) as State;
      if (!state.operation) return state;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }

  #fetch(method: string, path: string, body?: unknown): Promise<Response> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.#token}` };
    if (body !== undefined) headers["content-type"] = "application/json";
    return fetch(`${this.#baseUrl}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  }

  async #body(response: Response, path: string) {
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  }
}
