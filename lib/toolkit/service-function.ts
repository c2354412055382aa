import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, Code, Function as LambdaFunction, Runtime, Tracing } from "aws-cdk-lib/aws-lambda";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { type FunctionName, functionSettings, type SettingName } from "../../lambdas/runtime/settings.ts";
import { trustVariables } from "./authorities.ts";

export interface ServiceFunctionProps {
  /** Folder with `index.mjs`, and beside it the authorities that it trusts. */
  bundle: string;
  description: string;
  timeout_seconds: number;
  memory_mb: number;
  log_retention_days: RetentionDays;
  /** Executions at the same time; absent: as many as the account allows. */
  reserved_executions?: number;
}

/**
 * A Lambda function with everything stated: its own role that may write its own log group and nothing else until a
 * grant says so, and the settings that grants bind. Synth fails when the settings bound are not those that the
 * function's code reads.
 */
export class ServiceFunction extends LambdaFunction {
  readonly functionId: FunctionName;
  private readonly settings = new Set<SettingName>();

  constructor(scope: Construct, id: FunctionName, props: ServiceFunctionProps) {
    const logGroup = new LogGroup(scope, `${id}Logs`, { retention: props.log_retention_days, removalPolicy: RemovalPolicy.DESTROY });
    const role = new Role(scope, `${id}Role`, {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      description: `What ${id} may do`,
    });
    role.addToPolicy(new PolicyStatement({ actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [logGroup.logGroupArn] }));
    super(scope, id, {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: "index.handler",
      code: Code.fromAsset(props.bundle),
      environment: { ...trustVariables },
      role,
      logGroup,
      timeout: Duration.seconds(props.timeout_seconds),
      memorySize: props.memory_mb,
      reservedConcurrentExecutions: props.reserved_executions,
      tracing: Tracing.ACTIVE,
    });
    this.functionId = id;
    this.node.addValidation({ validate: () => this.unboundSettings() });
  }

  /** Permits these actions on these resources. */
  may(actions: string[], resources: string[]): this {
    this.addToRolePolicy(new PolicyStatement({ actions, resources }));
    return this;
  }

  /** Binds a setting that the function's code reads; grants call it together with `may`. */
  set(name: SettingName, value: string): this {
    this.settings.add(name);
    this.addEnvironment(name, value);
    return this;
  }

  private unboundSettings(): string[] {
    const read: readonly SettingName[] = functionSettings[this.functionId];
    const missing = read.filter((name) => !this.settings.has(name));
    const unread = [...this.settings].filter((name) => !read.includes(name));
    return [
      ...missing.map((name) => `${this.functionId} reads ${name}, which no grant binds to it (lambdas/runtime/settings.ts)`),
      ...unread.map((name) => `${this.functionId} is given ${name}, which it does not read (lambdas/runtime/settings.ts)`),
    ];
  }
}
