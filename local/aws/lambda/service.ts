import type { AsyncInvocations } from "../../functions/async-invocations.ts";
import type { Functions } from "../../functions/start.ts";
import type { AwsService } from "../service.ts";

/** Lambda's Invoke; what IAM allows has been checked before. */
export function lambdaService(functions: Functions, later: AsyncInvocations): AwsService {
  return {
    handle: async ({ path, body, headers }) => {
      const name = decodeURIComponent(path.split("/")[3] ?? "");
      const payload: unknown = body.length === 0 ? null : JSON.parse(body.toString("utf8"));
      if (headers["x-amz-invocation-type"] === "Event") {
        later.accept(name, payload);
        return { status: 202 };
      }
      const result = await functions.invoke(name, payload);
      return {
        status: 200,
        headers: {
          "content-type": "application/json",
          ...(result.function_error === null ? {} : { "x-amz-function-error": result.function_error }),
        },
        body: JSON.stringify(result.payload ?? null),
      };
    },
  };
}
