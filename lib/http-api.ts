import { Aws, RemovalPolicy } from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  HttpApi as ApiGatewayHttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpJwtAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { FunctionName } from "../lambdas/runtime/settings.ts";
import type { Configuration } from "./configuration.ts";
import type { Functions } from "./functions.ts";

/** One line of `contract/routes.ts`, as far as infrastructure needs it. */
export interface ApiRoute {
  method: string;
  path: string;
  function: FunctionName;
  /** Who may; a route that states none does not build. */
  policy: unknown;
  /** false: answers anybody, and says so. */
  signIn?: boolean;
}

export interface HttpApiProps {
  routes: readonly ApiRoute[];
  functions: Functions;
  signIn: Configuration["sign_in"];
  log_retention_days: RetentionDays;
}

/** The API of people and systems: every route of the contract, signed in unless the contract says otherwise. */
export class HttpApi extends ApiGatewayHttpApi {
  readonly stage: HttpStage;

  constructor(scope: Construct, id: string, props: HttpApiProps) {
    super(scope, id, { createDefaultStage: false, description: "Slipway: deployments, models and operations" });
    refuseUnguarded(props.routes);
    const signedIn = new HttpJwtAuthorizer("SignIn", props.signIn.issuer, { jwtAudience: props.signIn.audience });
    for (const [name, routes] of byFunction(props.routes)) {
      const handler = props.functions[name];
      if (routes.some(needsSignIn)) handler.set("GROUPS_CLAIM", props.signIn.groups_claim);
      const integration = new HttpLambdaIntegration(name, handler, { scopePermissionToRoute: false });
      for (const route of routes) this.addRoute(route, integration, needsSignIn(route) ? signedIn : new HttpNoneAuthorizer());
    }
    this.stage = this.addStageWithLogs(props.log_retention_days);
  }

  private addRoute({ method, path }: ApiRoute, integration: HttpLambdaIntegration, authorizer: IHttpRouteAuthorizer): void {
    const routeKey = HttpRouteKey.with(path, HttpMethod[method as keyof typeof HttpMethod]);
    new HttpRoute(this, routeKey.key, { httpApi: this, routeKey, integration, authorizer });
  }

  private addStageWithLogs(retention: RetentionDays): HttpStage {
    const logGroup = new LogGroup(this, "AccessLogs", {
      logGroupName: `/aws/vendedlogs/apis/${Aws.STACK_NAME}-api`,
      retention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new HttpStage(this, "Stage", {
      httpApi: this,
      stageName: "$default",
      autoDeploy: true,
      throttle: { rateLimit: 100, burstLimit: 200 },
      // Metrics per route are billed as custom metrics: the access log holds the same, by query.
      detailedMetricsEnabled: false,
      accessLogSettings: { destination: new LogGroupLogDestination(logGroup), format: AccessLogFormat.custom(JSON.stringify(accessLine)) },
    });
  }
}

const accessLine = {
  at: "$context.requestTime",
  request_id: "$context.requestId",
  route: "$context.routeKey",
  path: "$context.path",
  status: "$context.status",
  actor: "$context.authorizer.claims.sub",
  source_ip: "$context.identity.sourceIp",
  latency_ms: "$context.responseLatency",
  integration_latency_ms: "$context.integrationLatency",
  error: "$context.error.message",
  authorizer_error: "$context.authorizer.error",
};

const needsSignIn = ({ signIn }: ApiRoute): boolean => signIn !== false;

function byFunction(routes: readonly ApiRoute[]): [FunctionName, ApiRoute[]][] {
  return Object.entries(Object.groupBy(routes, (route) => route.function)) as [FunctionName, ApiRoute[]][];
}

/** Deny by default: a route that nobody decided about does not get an address. */
function refuseUnguarded(routes: readonly ApiRoute[]): void {
  const faults = routes.flatMap(({ method, path, policy }) => {
    const given = [...(policy ? [] : ["has no policy"]), ...(method in HttpMethod ? [] : ["has a method that API Gateway does not know"])];
    return given.map((fault) => `${method} ${path} ${fault}`);
  });
  if (faults.length > 0) throw new Error(`contract/routes.ts: ${faults.join("; ")}`);
}
