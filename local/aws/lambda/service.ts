import type { AsyncInvocations } from "../../functions/async-invocations.ts";
import type { Functions } from "../../functions/start.ts";
import { AwsError } from "../error.ts";
import type { AwsAnswer, AwsCall, AwsService } from "../service.ts";
import { describeFunction, listFunctions } from "./descriptions.ts";
import { addressedBy, lambdaOperation } from "./operation.ts";

/** Lambda: Invoke, and what the functions are; what IAM allows has been checked before. */
export function lambdaService(functions: Functions, later: AsyncInvocations): AwsService {
  return {
    handle: async (call) => {
      const { operation, name: given } = lambdaOperation(call);
      if (operation === "ListFunctions") return listFunctions(functions.configurations, call.query);
      const name = existing(functions, addressedBy(given, call.query));
      return operation === "Invoke" ? invoke(name, call, functions, later) : describeFunction(functions.configurations, name);
    },
  };
}

function existing({ configurations }: Functions, name: string): string {
  if (configurations.some((configuration) => configuration.name === name)) return name;
  throw new AwsError("ResourceNotFoundException", `Function not found: ${name}`, 404);
}

async function invoke(name: string, { body, headers }: AwsCall, functions: Functions, later: AsyncInvocations): Promise<AwsAnswer> {
  refuseHeaders(headers);
  const type = headers["x-amz-invocation-type"] ?? "RequestResponse";
  const payload = payloadIn(body);
  if (type === "DryRun") return { status: 204 };
  if (type === "Event") {
    later.accept(name, payload);
    return { status: 202 };
  }
  if (type !== "RequestResponse") throw new AwsError("InvalidParameterValueException", `There is no invocation type ${type}`);
  const result = await functions.invoke(name, payload);
  return {
    status: 200,
    headers: {
      ...{ "content-type": "application/json", "x-amz-executed-version": "$LATEST" },
      ...(result.function_error === null ? {} : { "x-amz-function-error": result.function_error }),
    },
    body: JSON.stringify(result.payload ?? null),
  };
}

/** Without a payload the event is an empty object. */
function payloadIn(body: Buffer): unknown {
  try {
    return body.length === 0 ? {} : JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw new AwsError("InvalidRequestContentException", `Could not parse request body into json: ${(error as Error).message}`);
  }
}

function refuseHeaders(headers: AwsCall["headers"]): void {
  const logType = headers["x-amz-log-type"] ?? "None";
  if (logType !== "None")
    throw new AwsError(
      "InvalidParameterValueException",
      `The local Lambda gives no logs with an answer (LogType ${logType}): read the function's log group`,
    );
  for (const name of ["x-amz-client-context", "x-amz-tenant-id", "x-amz-durable-execution-name"]) {
    if (headers[name] !== undefined) throw new AwsError("InvalidParameterValueException", `The local Lambda does not know ${name}`);
  }
}
