import type { Credentials } from "../aws/credentials.ts";
import { AwsError } from "../aws/error.ts";
import type { InvocationResult } from "../aws/service.ts";
import type { Roles } from "../iam/roles.ts";
import { requireGrants } from "../iam/service-roles.ts";
import type { Application } from "../template/application.ts";
import { arn, region } from "../template/place.ts";
import { type FunctionConfiguration, functionConfiguration } from "./configuration.ts";
import { DeployedFunction, type InvocationRecord } from "./deployed-function.ts";

export interface FunctionsOptions {
  application: Application;
  roles: Roles;
  credentials: Credentials;
  /** `http://127.0.0.1:<port>/aws` */
  awsEndpoint: string;
  log(group: string, stream: string, lines: string[]): void;
  /** Told of each invocation that is over. */
  onInvocation?: ((invocation: InvocationRecord) => void) | undefined;
}

export interface Functions {
  /** By name or ARN. Errors: ResourceNotFoundException, TooManyRequestsException; what the function throws is in the result. */
  invoke(nameOrArn: string, payload: unknown): Promise<InvocationResult>;
  configurations: FunctionConfiguration[];
  stop(): Promise<void>;
}

/** Environments start when the first event comes. */
export function startFunctions(options: FunctionsOptions): Functions {
  const { application, roles, credentials, awsEndpoint, log, onInvocation } = options;
  const functions = new Map<string, DeployedFunction>();
  for (const resource of application.ofType("AWS::Lambda::Function")) {
    const configuration = functionConfiguration(resource, application);
    roles.requireTrust(configuration.role_arn, "lambda.amazonaws.com", configuration.title);
    const anyStream = arn("logs", `log-group:${configuration.log_group}:log-stream:any`);
    requireGrants(
      roles,
      configuration.role_arn,
      ["logs:CreateLogStream", "logs:PutLogEvents"],
      anyStream,
      `The log of ${configuration.title}`,
    );
    const variables = { ...environmentOf(configuration, awsEndpoint), ...credentials.issue(configuration.role_arn, configuration.name) };
    const deployed = new DeployedFunction(
      configuration,
      variables,
      (stream, lines) => log(configuration.log_group, stream, lines),
      onInvocation,
    );
    functions.set(configuration.name, deployed);
    functions.set(configuration.arn, deployed);
  }
  const all = [...new Set(functions.values())];
  return {
    configurations: all.map(({ configuration }) => configuration),
    invoke: async (nameOrArn, payload) => {
      const deployed = functions.get(nameOrArn.replace(/:\$LATEST$/, ""));
      if (deployed === undefined) throw new AwsError("ResourceNotFoundException", `Function not found: ${nameOrArn}`, 404);
      return deployed.invoke(payload);
    },
    stop: async () => {
      await Promise.all(all.map((deployed) => deployed.stop()));
    },
  };
}

/** The variables that Lambda itself sets, and where the SDK finds the local services. */
function environmentOf(configuration: FunctionConfiguration, awsEndpoint: string): Record<string, string> {
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: awsEndpoint,
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: configuration.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(configuration.memory_mb),
    AWS_LAMBDA_LOG_GROUP_NAME: configuration.log_group,
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    LAMBDA_TASK_ROOT: configuration.file.replace(/\/[^/]*$/, ""),
    _HANDLER: `index.${configuration.handler}`,
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    ...configuration.environment,
    // A function is a thread here, and Node refuses to start one with options that are a process's.
    NODE_OPTIONS: "",
  };
}
