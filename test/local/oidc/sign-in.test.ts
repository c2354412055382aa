import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FrontDoor, openFrontDoor } from "../../../local/front-door.ts";
import { JwtAuthorizer } from "../../../local/http-api/authorizer.ts";
import { startOidc } from "../../../local/oidc/start.ts";

let folder: string;
let door: FrontDoor;
let origin: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-oidc-"));
  door = await openFrontDoor(0);
  origin = `http://127.0.0.1:${door.port}`;
  door.open("oidc", startOidc({ origin, dataFolder: folder }).handle);
});
afterAll(async () => {
  await door.close();
  rmSync(folder, { recursive: true, force: true });
});

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
const askToken = async (form: Record<string, string>, headers = {}): Promise<any> =>
  (await fetch(`${origin}/oidc/token`, { method: "POST", headers, body: new URLSearchParams(form) })).json();

describe("a program", () => {
  it.each([
    ["admin", ["platform:admin"]],
    ["member", ["demo:member", "fraud:member"]],
    ["viewer", ["demo:viewer", "fraud:viewer"]],
  ])("signs in as %s by its client id and secret", async (client_id, groups) => {
    const { access_token } = await askToken({ grant_type: "client_credentials", client_id, client_secret: "local" });
    expect(decodeJwt(access_token)).toMatchObject({
      iss: `${origin}/oidc`,
      aud: "slipway",
      sub: client_id,
      email: `${client_id}@slipway.local`,
      groups,
    });
  });

  it("may send them by HTTP Basic as well", async () => {
    const headers = { authorization: `Basic ${Buffer.from("member:local").toString("base64")}` };
    expect(await askToken({ grant_type: "client_credentials" }, headers)).toMatchObject({ token_type: "Bearer" });
  });

  it("with another secret or name is refused", async () => {
    expect(await askToken({ grant_type: "client_credentials", client_id: "member", client_secret: "guess" })).toMatchObject({
      error: "invalid_client",
    });
    expect(await askToken({ grant_type: "client_credentials", client_id: "nobody", client_secret: "local" })).toMatchObject({
      error: "invalid_client",
    });
  });
});

describe("a person", () => {
  it("signs in from the console by the page with one button each", async () => {
    const verifier = "v".repeat(50);
    const browser = new Browser();
    const parameters = {
      ...{ client_id: "console", response_type: "code", redirect_uri: `${origin}/signed-in`, scope: "openid profile", state: "s" },
      ...{ code_challenge: createHash("sha256").update(verifier).digest("base64url"), code_challenge_method: "S256" },
    };
    const page = (await browser.get(`${origin}/oidc/auth?${new URLSearchParams(parameters)}`)).headers.get("location") ?? "";
    expect(await (await browser.get(page)).text()).toContain('value="viewer"');
    const resume =
      (await browser.get(page, { method: "POST", body: new URLSearchParams({ account: "viewer" }) })).headers.get("location") ?? "";
    const back = new URL((await browser.get(resume)).headers.get("location") ?? "");
    expect([back.pathname, back.searchParams.get("state")]).toEqual(["/signed-in", "s"]);
    const tokens = await askToken({
      ...{ grant_type: "authorization_code", client_id: "console", redirect_uri: `${origin}/signed-in` },
      ...{ code: back.searchParams.get("code") ?? "", code_verifier: verifier },
    });
    expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: "slipway", sub: "viewer", groups: ["demo:viewer", "fraud:viewer"] });
    expect(decodeJwt(tokens.id_token)).toMatchObject({ aud: "console", sub: "viewer", name: "Viewer of demo and fraud" });
  });

  it("who comes with a sign-in that is over is told so", async () => {
    const answer = await fetch(`${origin}/oidc/interaction/over`);
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining("This sign-in is over")]);
  });
});

describe("the issuer's keys", () => {
  it("outlive a restart: a token of before is trusted after", async () => {
    const { access_token } = await askToken({ grant_type: "client_credentials", client_id: "member", client_secret: "local" });
    door.open("oidc", startOidc({ origin, dataFolder: folder }).handle);
    expect(await new JwtAuthorizer(`${origin}/oidc`, ["slipway"]).verify(`Bearer ${access_token}`)).toMatchObject({
      claims: { sub: "member" },
    });
  });

  it("do not make a token for somebody else good", async () => {
    const { access_token } = await askToken({ grant_type: "client_credentials", client_id: "member", client_secret: "local" });
    const answer = await new JwtAuthorizer(`${origin}/oidc`, ["another"]).verify(`Bearer ${access_token}`);
    expect(answer).toEqual(expect.stringContaining("does not have a valid audience"));
  });
});

/** Keeps cookies and follows nothing by itself. */
class Browser {
  private readonly cookies = new Map<string, string>();

  async get(url: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { ...init, redirect: "manual", headers: { cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [pair = ""] = set.split(";");
      this.cookies.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
    }
    return response;
  }
}
