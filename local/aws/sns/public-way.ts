import type { HttpHandler } from "../endpoint.ts";
import { AwsError } from "../error.ts";
import { queryAnswer, queryRequest } from "../query-protocol.ts";
import { renderError } from "../render.ts";
import type { AwsAnswer } from "../service.ts";
import type { MessageSigner } from "./message.ts";
import { namespace, type Topics } from "./service.ts";
import type { TopicStore } from "./store.ts";

/** What subscribers ask for without a signature: links of the messages that they were sent, and the certificate these are signed with. */
export function publicWay({ topics, store, signer }: { topics: Topics; store: TopicStore; signer: MessageSigner }): HttpHandler {
  const answerTo = async (url: URL): Promise<AwsAnswer> => {
    if (url.pathname.endsWith("/certificate.pem"))
      return { status: 200, headers: { "content-type": "application/x-pem-file" }, body: await signer.certificate() };
    const { action, body } = queryRequest({ body: Buffer.alloc(0), headers: {}, query: url.searchParams });
    if (action === "ConfirmSubscription")
      return queryAnswer(action, namespace, { SubscriptionArn: topics.confirm(String(body.TopicArn), String(body.Token)).arn });
    if (action !== "Unsubscribe") throw new AwsError("InvalidAction", `Nobody may ask for ${action} without a signature`);
    store.remove(String(body.SubscriptionArn));
    return queryAnswer(action, namespace, {});
  };
  return async (request, response) => {
    const url = new URL(request.url ?? "/", "http://local");
    const answer = await answerTo(url).catch((error: unknown) => {
      if (error instanceof AwsError) return renderError("sns", error);
      throw error;
    });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  };
}
