import { request as httpsRequest } from "node:https";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Clock } from "../ports/surroundings.ts";
import type { StartWatch } from "../ports/watches.ts";
import { type CredentialsProvider, dnsSuffix, plain } from "./eks-token.ts";

export interface LambdaSurroundings {
  region: string;
  credentials: CredentialsProvider;
  clock: Clock;
  /** AWS_ENDPOINT_URL_LAMBDA or AWS_ENDPOINT_URL, as SDK clients honour them. */
  endpointUrl: string | undefined;
}

const attempts = 3;
const timeoutMilliseconds = 3_000;

/** Starts a function and does not wait for it: the one call to Lambda that there is, signed by hand as the one to EKS is. */
export function lambdaStarts(functionName: string, surroundings: LambdaSurroundings): StartWatch {
  return async (start) => {
    for (let attempt = 1; ; attempt += 1) {
      const { status, body } = await invokeLater(functionName, JSON.stringify(start), surroundings);
      if (status === 202) return;
      const isPassing = status === 0 || status === 429 || status >= 500;
      if (!isPassing || attempt === attempts) throw new Error(`${functionName} was not started (${status}): ${body.slice(0, 300)}`);
      await surroundings.clock.sleep(Math.random() * 100 * 2 ** attempt);
    }
  };
}

/** Status 0: no answer; the body then says why. */
async function invokeLater(
  functionName: string,
  body: string,
  { region, credentials, endpointUrl }: LambdaSurroundings,
): Promise<{ status: number; body: string }> {
  const endpoint = new URL(endpointUrl ?? `https://lambda.${region}.${dnsSuffix(region)}`);
  const signer = new SignatureV4({ service: "lambda", region, credentials: plain(await credentials()), sha256: Sha256 });
  const signed = await signer.sign({
    method: "POST",
    protocol: endpoint.protocol,
    hostname: endpoint.hostname,
    path: `${endpoint.pathname.replace(/\/$/, "")}/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`,
    headers: { host: endpoint.host, "content-type": "application/json", "x-amz-invocation-type": "Event" },
    body,
  });
  // Plain HTTP is for a laptop only, and loads `fetch` with it (see eks-cluster.ts).
  const send = endpoint.protocol === "http:" ? process.getBuiltinModule("node:http").request : httpsRequest;
  return new Promise((resolve) => {
    const outgoing = send(
      new URL(signed.path, endpoint),
      { method: "POST", headers: signed.headers, signal: AbortSignal.timeout(timeoutMilliseconds) },
      (response) => {
        let answer = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          answer += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: answer }));
        response.on("error", (error) => resolve({ status: 0, body: error.message }));
      },
    );
    outgoing.on("error", (error) => resolve({ status: 0, body: error.message }));
    outgoing.end(body);
  });
}
