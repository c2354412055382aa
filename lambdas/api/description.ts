import type { Handlers } from "./dispatch.ts";

/** What the API says of itself, to anybody: `document` is its OpenAPI document as text. */
export function describeApi(document: string): Handlers<"DescribeApi"> {
  return {
    async getHealth() {
      return { status: 200, body: { status: "ok" } };
    },
    async getOpenApi() {
      return { status: 200, headers: { "content-type": "application/json" }, text: document };
    },
  };
}
