import { openApiDocument } from "../../contract/openapi.ts";
import type { Handlers } from "./dispatch.ts";

/** What the API says of itself, to anybody. */
export function describeApi(version: string): Handlers<"DescribeApi"> {
  let document: Record<string, unknown> | undefined;
  return {
    async getHealth() {
      return { status: 200, body: { status: "ok" } };
    },
    async getOpenApi() {
      document ??= openApiDocument(version);
      return { status: 200, body: document };
    },
  };
}
