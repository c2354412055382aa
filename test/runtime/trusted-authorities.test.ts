import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { authorities, trustVariables } from "../../lib/toolkit/authorities.ts";
import { type ApiServer, startApiServer } from "../doubles/api-server.ts";

let server: ApiServer;
let folder: string;
beforeEach(async () => {
  server = await startApiServer();
  server.answer((_, response) => response.end("{}"));
  folder = mkdtempSync(join(tmpdir(), "slipway-authorities-"));
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

/** How a process with these variables gets on with the server as one of AWS's, and as anybody's. */
async function asked(variables: Record<string, string>): Promise<unknown> {
  const script = `
    import { exchange } from ${JSON.stringify(join(import.meta.dirname, "../../lambdas/runtime/aws-exchange.ts"))};
    const request = { url: new URL(${JSON.stringify(server.url)}), method: "GET", headers: {}, body: "", timeoutMilliseconds: 30_000 };
    const outcome = (server) => exchange({ ...request, server }).then(({ status }) => status, ({ message }) => message.replace(/^.*: /, ""));
    console.log(JSON.stringify({ aws: await outcome("aws"), public: await outcome("public") }));
    process.exit();`;
  const options = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", script];
  const { stdout } = await promisify(execFile)(process.execPath, options, { env: variables });
  return JSON.parse(stdout);
}

describe("a function with the variables that it is deployed with", () => {
  it("knows AWS by the authorities of its file alone, and anybody else by those that Node brings", async () => {
    const variables = { ...trustVariables, SSL_CERT_FILE: file("own.pem", server.certificateAuthority) };
    expect(await asked(variables)).toEqual({ aws: 200, public: expect.stringContaining("certificate") });
  });

  it("knows no server of AWS by an authority that signs for somebody else", async () => {
    const variables = { ...trustVariables, SSL_CERT_FILE: file("authorities.pem", authorities()) };
    expect(await asked(variables)).toEqual({ aws: expect.stringContaining("certificate"), public: expect.stringContaining("certificate") });
  });

  it("trusts in either case whom its environment adds", async () => {
    const added = { NODE_EXTRA_CA_CERTS: file("added.pem", server.certificateAuthority) };
    const variables = { ...trustVariables, SSL_CERT_FILE: file("authorities.pem", authorities()), ...added };
    expect(await asked(variables)).toEqual({ aws: 200, public: 200 });
  });
});
