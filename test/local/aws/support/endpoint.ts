import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { sign } from "aws4";
import { Credentials } from "../../../../local/aws/credentials.ts";
import { awsEndpoint } from "../../../../local/aws/endpoint.ts";
import type { AwsService } from "../../../../local/aws/service.ts";
import { Roles } from "../../../../local/iam/roles.ts";
import { templateOf } from "../../template-of.ts";

export interface Endpoint {
  /** What a client of an SDK is made with. */
  client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  /** A signed request as another client would send it. `path`: encoded, below the endpoint. */
  send(service: string, request: PlainRequest): Promise<Response>;
  close(): void;
}
export interface PlainRequest {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** Some local services at a port of their own, asked by the person. */
export async function serveAws(services: Record<string, AwsService>): Promise<Endpoint> {
  const credentials = new Credentials();
  const handle = awsEndpoint({ credentials, roles: new Roles(templateOf({})), tableKeys: new Map(), services, onDenied: () => {} });
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const key = { accessKeyId: "any", secretAccessKey: "x" };
  return {
    client: { endpoint: `http://${host}/aws`, region: "us-east-1", credentials: key },
    send: (service, { method = "POST", path = "/", headers: given = {}, body = "" }) => {
      const { headers } = sign({ ...{ host, method, service, region: "us-east-1", body }, path: `/aws${path}`, headers: given }, key);
      const sent = Object.entries(headers ?? {}).filter(([name]) => !/^(host|content-length)$/i.test(name));
      const isBodiless = method === "GET" || method === "HEAD";
      return fetch(`http://${host}/aws${path}`, {
        method,
        headers: sent as [string, string][],
        ...(!isBodiless && { body: new Uint8Array(Buffer.from(body)) }),
      });
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The name of the error that a call fails with. */
export const failure = async (sent: Promise<unknown>): Promise<string> =>
  sent.then(
    () => "none",
    (error: Error) => error.name,
  );
