import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { s3Evidence } from "../../lambdas/adapters/s3-evidence.ts";

let server: Server;
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** An S3 that gives these statuses in turn and keeps what it was sent. */
async function storage(...statuses: number[]) {
  const requests: { method: string; url: string; headers: IncomingMessage["headers"]; body: string }[] = [];
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    requests.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, body });
    const status = statuses[requests.length - 1] ?? 200;
    response.writeHead(status).end(`<Error><Code>${status === 403 ? "AccessDenied" : "SlowDown"}</Code></Error>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const slept: number[] = [];
  const surroundings = {
    region: "us-east-1",
    credentials: async () => ({ accessKeyId: "access", secretAccessKey: "secret", sessionToken: "token" }),
    clock: { now: () => 0, sleep: async (milliseconds: number) => void slept.push(milliseconds) },
    endpointUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/aws`,
  };
  const evidence = s3Evidence(surroundings, "evidence");
  return { evidence, requests, slept };
}

describe("evidence on S3", () => {
  it("is one signed object of JSON under uid, operation and name", async () => {
    const { evidence, requests } = await storage(200);
    expect(await evidence.put("01U", "01O", "smoke tests", { passed: true })).toBe("01U/01O/smoke tests.json");
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ method: "PUT", url: "/aws/evidence/01U/01O/smoke%20tests.json", body: '{"passed":true}' });
    expect(requests[0]?.headers).toMatchObject({ "content-type": "application/json", "x-amz-security-token": "token" });
    expect(requests[0]?.headers["x-amz-content-sha256"]).toMatch(/^[0-9a-f]{64}$/);
    expect(requests[0]?.headers.authorization).toContain("/us-east-1/s3/aws4_request");
  });

  it("is tried again when S3 is busy", async () => {
    const { evidence, requests, slept } = await storage(503, 500, 200);
    await evidence.put("u", "o", "n", {});
    expect(requests).toHaveLength(3);
    expect(slept).toHaveLength(2);
  });

  it("says at once what S3 refuses", async () => {
    const { evidence, requests } = await storage(403);
    await expect(evidence.put("u", "o", "n", {})).rejects.toThrow("could not be kept in evidence: 403");
    expect(requests).toHaveLength(1);
  });

  it("gives up after four tries", async () => {
    const { evidence, requests } = await storage(503, 503, 503, 503, 503);
    await expect(evidence.put("u", "o", "n", {})).rejects.toThrow("503");
    expect(requests).toHaveLength(4);
  });
});
