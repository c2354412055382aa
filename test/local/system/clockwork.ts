import { sign } from "aws4";
import { awsClient } from "../../../lambdas/runtime/aws-client.ts";
import { systemClock } from "../../../lambdas/runtime/surroundings.ts";
import type { System } from "./system.ts";

const accessKey = { accessKeyId: "local", secretAccessKey: "local" };

/** What the clock of a system does once a minute, done now; and its topic of alerts. */
export class Clockwork {
  readonly #system: System;

  constructor(system: System) {
    this.#system = system;
  }

  /** Runs a function as its schedule does. False when it is running already. Errors: it fails. */
  async run(name: string): Promise<boolean> {
    const surroundings = {
      region: "us-east-1",
      credentials: async () => accessKey,
      clock: systemClock,
      endpointUrl: `${this.#system.url}/aws`,
    };
    const lambda = awsClient("LAMBDA", surroundings, 60_000);
    const path = `/2015-03-31/functions/${await this.#nameOf(name)}/invocations`;
    try {
      const { headers, body } = await lambda({ method: "POST", path, headers: { "content-type": "application/json" }, body: "{}" });
      if (headers["x-amz-function-error"]) throw new Error(`${name} failed: ${body}`);
      return true;
    } catch (error) {
      if ((error as Error).name === "TooManyRequestsException") return false;
      throw error;
    }
  }

  /** Sends what the topic of alerts tells to a URL, which confirms it by the link that it is sent. */
  async subscribe(endpoint: string): Promise<void> {
    const topic =
      /arn:aws:sns:[^<]*AlertsTopic[^<]*/.exec(await this.#ask("sns", { Action: "ListTopics", Version: "2010-03-31" }))?.[0] ?? "";
    await this.#ask("sns", { Action: "Subscribe", Version: "2010-03-31", TopicArn: topic, Protocol: "http", Endpoint: endpoint });
  }

  async #nameOf(construct: string): Promise<string> {
    const listed = await this.#ask("cloudformation", { Action: "ListStackResources", Version: "2010-05-15", StackName: "Slipway" });
    const [name] = new RegExp(`Slipway-${construct}[0-9A-F]{8}(?=<)`).exec(listed) ?? [];
    if (name === undefined) throw new Error(`there is no function ${construct}`);
    return name;
  }

  /** By AWS Query: a signed form, answered by XML. */
  async #ask(service: string, form: Record<string, string>): Promise<string> {
    const { host } = new URL(this.#system.url);
    const body = new URLSearchParams(form).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
    const signed = sign({ service, region: "us-east-1", host, method: "POST", path: "/aws/", body, headers }, accessKey);
    const answer = await fetch(`${this.#system.url}/aws/`, { method: "POST", headers: signed.headers as Record<string, string>, body });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${service} answers ${answer.status}: ${text}`);
    return text;
  }
}
