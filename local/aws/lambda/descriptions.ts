import { parse } from "node:path";
import type { FunctionConfiguration } from "../../functions/configuration.ts";
import { AwsError } from "../error.ts";
import type { AwsAnswer } from "../service.ts";

const mostListed = 50;

/** By name; a marker is the last name of a page. */
export function listFunctions(configurations: FunctionConfiguration[], query: URLSearchParams): AwsAnswer {
  const given = Number(query.get("MaxItems") ?? mostListed);
  if (!(Number.isInteger(given) && given >= 1 && given <= 10_000))
    throw new AwsError("InvalidParameterValueException", `MaxItems must be from 1 to 10000, given ${query.get("MaxItems")}`);
  const after = Buffer.from(query.get("Marker") ?? "", "base64url").toString();
  const sorted = configurations.toSorted((one, other) => (one.name < other.name ? -1 : 1)).filter(({ name }) => name > after);
  const shown = sorted.slice(0, Math.min(given, mostListed));
  const last = sorted.length > shown.length ? shown.at(-1) : undefined;
  return {
    status: 200,
    body: { Functions: shown.map(described), ...(last && { NextMarker: Buffer.from(last.name).toString("base64url") }) },
  };
}

export function describeFunction(configurations: FunctionConfiguration[], name: string): AwsAnswer {
  const found = configurations.filter((configuration) => configuration.name === name);
  return { status: 200, body: { ...found.map(described)[0] } };
}

function described({
  name,
  arn,
  runtime,
  role_arn,
  file,
  handler,
  timeout_seconds,
  memory_mb,
  environment,
  log_group,
}: FunctionConfiguration): object {
  return {
    ...{
      FunctionName: name,
      FunctionArn: arn,
      Runtime: runtime,
      Role: role_arn,
      Handler: `${parse(file).name}.${handler}`,
      Version: "$LATEST",
      PackageType: "Zip",
    },
    ...{ Timeout: timeout_seconds, MemorySize: memory_mb, Environment: { Variables: environment } },
    ...{ LoggingConfig: { LogGroup: log_group }, State: "Active", LastUpdateStatus: "Successful" },
  };
}
