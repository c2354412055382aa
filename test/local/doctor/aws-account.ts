import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { queryAnswer } from "../../../local/aws/query-protocol.ts";
import { type Account, openAccount } from "../../../local/doctor/aws/account.ts";

/** `service action` or `service METHOD path` → what AWS answers: a result, or an error as a function of nothing. */
export type Answers = Record<string, object | Refusal>;

/** An error of AWS, by its code. */
export class Refusal {
  readonly code: string;
  readonly status: number;
  constructor(code: string, status = 400) {
    this.code = code;
    this.status = status;
  }
}

export interface AccountUnderTest {
  account: Account;
  origin: string;
  stop(): void;
}

/** An account of which only this is known; it speaks the wire protocol of each service, and knows a call by its signature's scope. */
export async function accountOf(answers: (origin: string) => Answers): Promise<AccountUnderTest> {
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    // Anything that is not signed is the API's own health.
    const service = /\/([^/]+)\/aws4_request/.exec(request.headers.authorization ?? "")?.[1];
    if (!service) return void response.end("{}");
    const { type, text, status } = answered(answers(origin), service, request, body);
    response.writeHead(status, { "content-type": type }).end(text);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "key", secretAccessKey: "secret" };
  return {
    account: openAccount({ endpoint: origin, region: "eu-central-1", credentials }),
    origin,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const piece of request) body += piece;
  return body;
}

const queries = ["sts", "cloudformation", "elasticloadbalancing"];

function answered(answers: Answers, service: string, request: IncomingMessage, body: string) {
  const isQuery = queries.includes(service);
  const target = String(request.headers["x-amz-target"] ?? "")
    .split(".")
    .at(-1);
  const action = isQuery ? new URLSearchParams(body).get("Action") : target || `${request.method} ${decodeURIComponent(request.url ?? "")}`;
  const answer = answers[`${service} ${action}`] ?? new Refusal("ResourceNotFoundException", 404);
  if (!(answer instanceof Refusal)) {
    if (isQuery) return { status: 200, type: "text/xml", text: String(queryAnswer(String(action), "https://example.com/", answer).body) };
    return { status: 200, type: "application/json", text: JSON.stringify(answer) };
  }
  const { code, status } = answer;
  const message = `${code} was to be answered`;
  const xml = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
  if (isQuery) return { status, type: "text/xml", text: xml };
  return { status, type: "application/json", text: JSON.stringify({ __type: code, message }) };
}
