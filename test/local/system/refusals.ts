import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, ListTablesCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { importJWK, type JWK, SignJWT } from "jose";
import { expect, it } from "vitest";
import { echoDeployment, writeEchoImage } from "./image.ts";
import { type Answer, System } from "./system.ts";

export interface Refused {
  status: number;
  code: string;
  /** What the detail says. */
  says?: RegExp;
  /** Further members. */
  more?: object;
}
type Options = Parameters<System["call"]>[2];
export type Row = [what: string, request: string, options: Options, refused: Refused];

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
/** In seconds, as tokens say it. */
export const now = () => Math.floor(Date.now() / 1000);

export const input = (says: RegExp, ...errors: object[]): Refused => ({
  ...{ status: 400, code: "invalid-input", says },
  ...(errors.length > 0 ? { more: { errors: errors.map((error) => expect.objectContaining(error)) } } : {}),
});
export const notFound = (says: RegExp): Refused => ({ status: 404, code: "not-found", says });
export const create = (more: object) => ({ body: echoDeployment("new", more) });

/** A system that holds a little of everything, and must hold just that after every request it refuses. */
export class Refusing {
  readonly system: System;
  /** The issuer's own key: with it a token is wrong in just the one way that a test is about. */
  readonly issuerKey: JWK;
  readonly #folder: string;
  readonly #database: DynamoDBClient;

  private constructor(system: System, issuerKey: JWK, folder: string) {
    this.system = system;
    this.issuerKey = issuerKey;
    this.#folder = folder;
    const credentials = { accessKeyId: "test", secretAccessKey: "local" };
    this.#database = new DynamoDBClient({ endpoint: `${system.url}/aws`, region: "us-east-1", credentials });
  }

  static async start(): Promise<Refusing> {
    const folder = await mkdtemp(join(tmpdir(), "slipway-refusing-"));
    const system = await System.start(["--no-sample", "--images", await writeEchoImage(folder)]);
    const keys = JSON.parse(await readFile(join(system.data, "oidc-keys.json"), "utf8"));
    const refusing = new Refusing(system, keys.jwks.keys[0], folder);
    await refusing.#fill();
    return refusing;
  }

  async stop(): Promise<void> {
    this.#database.destroy();
    await this.system.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #fill(): Promise<void> {
    await this.made("/v1/deployments", echoDeployment("there", { start: false }));
    await this.made("/v1/models", { group: "demo", name: "scorer" });
    await this.made("/v1/models/demo/scorer/versions", { artifact_uri: "s3://models/scorer/1", runtime: "onnx" });
    await this.made("/v1/models", { group: "demo", name: "empty" });
    await this.made("/v1/models", { group: "fraud", name: "empty" });
    const elsewhere = await this.signed({ groups: ["elsewhere:member"] });
    await this.made("/v1/deployments", { ...echoDeployment("hidden", { start: false }), group: "elsewhere" }, bearer(elsewhere));
  }

  async made(path: string, body: object, headers: Record<string, string> = {}): Promise<void> {
    const { status, body: answer } = await this.system.call("POST", path, { body, headers });
    expect([status, answer]).toEqual([201, expect.anything()]);
  }

  /** Every item of every table by its key: what a refused request must leave as it was. */
  async everything(): Promise<Record<string, unknown>> {
    const { TableNames = [] } = await this.#database.send(new ListTablesCommand({}));
    const scan = (TableName: string) => this.#database.send(new ScanCommand({ TableName, ConsistentRead: true }));
    const items = (await Promise.all(TableNames.map(scan))).flatMap(({ Items = [] }) => Items);
    return Object.fromEntries(items.map((item) => [`${item.pk?.S} ${item.sk?.S}`, item]));
  }

  /** A token that the issuer would give, but for these claims. */
  async signed(claims: object, key: JWK = this.issuerKey): Promise<string> {
    const usual = { iss: `${this.system.url}/oidc`, aud: "slipway", sub: "member", groups: ["demo:member"], iat: now(), exp: now() + 3600 };
    const header = { alg: "RS256", kid: this.issuerKey.kid as string };
    return new SignJWT({ ...usual, ...claims }).setProtectedHeader(header).sign(await importJWK(key, "RS256"));
  }

  async expectRefused(ask: () => Promise<Answer>, { status, code, says = /./, more = {} }: Refused): Promise<void> {
    const before = await this.everything();
    const answer = await ask();
    expect(answer.body).toMatchObject({ code, status, type: `urn:slipway:problem:${code}`, ...more });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.body.title).toMatch(/./);
    expect(answer.body.detail).toMatch(says);
    expect(answer.body.request_id).toBe(answer.headers.get("apigw-requestid"));
    expect(await this.everything()).toEqual(before);
  }
}

/** A test for each row: that its request is refused, and changes nothing. */
export function refuses(refusing: () => Refusing, rows: Row[]): void {
  it.each(rows)("%s", async (_what, request, options, refused) => {
    const [method = "", path = ""] = request.split(" ");
    await refusing().expectRefused(() => refusing().system.call(method, path, options), refused);
  });
}
