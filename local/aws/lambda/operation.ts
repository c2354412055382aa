import { AwsError } from "../error.ts";
import type { AwsCall } from "../service.ts";

interface Asked {
  operation: "Invoke" | "GetFunctionConfiguration" | "ListFunctions";
  /** As the path has it, decoded; empty where none is named. */
  name: string;
}

/** Which operation a request is. Errors: one that is not here, by its method and path. */
export function lambdaOperation({ method, path }: Pick<AwsCall, "method" | "path">): Asked {
  const [, given, of] = /^\/2015-03-31\/functions(?:\/([^/]+)\/(invocations|configuration)|\/?)$/.exec(path) ?? ["", "", "none"];
  const name = decodeURIComponent(given ?? "");
  if (method === "POST" && of === "invocations") return { operation: "Invoke", name };
  if (method === "GET" && of === "configuration") return { operation: "GetFunctionConfiguration", name };
  if (method === "GET" && of === undefined) return { operation: "ListFunctions", name };
  throw new AwsError("UnknownOperationException", `The local Lambda does not know ${method} ${path}`, 404);
}

/** The function's own name. Errors: a version or an alias, of which there are none here. */
export function addressedBy(given: string, query: URLSearchParams): string {
  const [, name, suffix] = /^(?:(?:arn:aws:lambda:[\w-]+:)?\d{12}:function:)?([\w-]+)(?::(.+))?$/.exec(given) ?? [];
  const qualifier = query.get("Qualifier") ?? suffix ?? "$LATEST";
  if (name !== undefined && qualifier === "$LATEST") return name;
  throw new AwsError("ResourceNotFoundException", `Function not found: ${given}${query.has("Qualifier") ? `:${qualifier}` : ""}`, 404);
}
