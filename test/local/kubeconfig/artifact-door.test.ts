import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { afterAll, beforeAll, expect, it, test } from "vitest";
import { openArtifactDoor, readArtifactAddress } from "../../../local/kubeconfig/artifact-door.ts";

let port: number;
let door: { close(): void };
beforeAll(async () => {
  const free = createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  ({ port } = free.address() as AddressInfo);
  free.close();
  await once(free, "close");
  door = await openArtifactDoor({ host: "127.0.0.1", port }, async (request, response) => void response.end(request.url));
});
afterAll(() => door?.close());

const signed = (service: string) => ({ authorization: `AWS4-HMAC-SHA256 Credential=a/20261121/us-east-1/${service}/aws4_request` });

test.each([
  ["a signed read of S3", "GET", "/aws/bucket/key", "s3", 200],
  ["a look at an object", "HEAD", "/aws/bucket/key", "s3", 200],
  ["a write", "PUT", "/aws/bucket/key", "s3", 403],
  ["a read of another service", "GET", "/aws/clusters", "eks", 403],
  ["the API", "GET", "/v1/deployments", "s3", 403],
  ["a request that nobody signed", "GET", "/aws/bucket/key", undefined, 403],
])("%s: %s %s", async (_what, method, path, service, status) => {
  const headers: Record<string, string> = service === undefined ? {} : signed(service);
  expect((await fetch(`http://127.0.0.1:${port}${path}`, { method, headers })).status).toBe(status);
});

it("opens at an address of this machine only", async () => {
  await expect(openArtifactDoor({ host: "192.0.2.1", port: 1 }, async () => {})).rejects.toThrow(
    "--artifacts-at 192.0.2.1:1 cannot be opened",
  );
  expect(readArtifactAddress("[::1]:9000")).toEqual({ host: "::1", port: 9000 });
  expect(readArtifactAddress("10.97.0.1:9000")).toEqual({ host: "10.97.0.1", port: 9000 });
  for (const given of ["10.97.0.1", "10.97.0.1:0", "http://10.97.0.1:9000", "10.97.0.1:9000/aws", ":9000"]) {
    expect(() => readArtifactAddress(given), given).toThrow(`given ${given}`);
  }
});
