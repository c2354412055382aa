import { createSign } from "node:crypto";
import { generate } from "selfsigned";

/** A message as SNS posts it, signed as SNS signs (version 1), with a certificate of this process. */
export interface Message {
  Type: "Notification" | "SubscriptionConfirmation";
  MessageId: string;
  TopicArn: string;
  Subject?: string | undefined;
  Message: string;
  Timestamp: string;
  /** Of a confirmation. */
  Token?: string;
  SubscribeURL?: string;
  /** Of a notification. */
  UnsubscribeURL?: string;
  MessageAttributes?: Record<string, { Type: string; Value: string }> | undefined;
}

/** In the order in which the documentation of SNS has them; what a message does not have is left out. */
const signedFields = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"] as const;

export class MessageSigner {
  private keys: Promise<{ private: string; cert: string }> | undefined;
  private readonly certificateUrl: string;

  constructor(certificateUrl: string) {
    this.certificateUrl = certificateUrl;
  }

  /** PEM. */
  async certificate(): Promise<string> {
    return (await this.made()).cert;
  }

  async sign(message: Message): Promise<object> {
    const { private: key } = await this.made();
    const lines = signedFields.flatMap((name) => (message[name] === undefined ? [] : [name, message[name]]));
    const Signature = createSign("RSA-SHA1")
      .update(`${lines.join("\n")}\n`)
      .sign(key, "base64");
    return { ...message, SignatureVersion: "1", Signature, SigningCertURL: this.certificateUrl };
  }

  /** When the first message is sent: most systems on one machine send none. */
  private made() {
    this.keys ??= generate([{ name: "commonName", value: "sns.us-east-1.amazonaws.com" }]);
    return this.keys;
  }
}
