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
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { RouteEntry } from "../contract/route.ts";
import type { FunctionName } from "../lambdas/runtime/settings.ts";
import type { Configuration } from "./configuration.ts";
import type { Functions } from "./functions.ts";

/** A route of the contract, as far as infrastructure needs it. */
export type ApiRoute = Pick<RouteEntry, "method" | "path" | "function" | "policy"> & { operation_id: string };

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
    const anybody = new HttpNoneAuthorizer();
    for (const [name, routes] of byFunction(props.routes)) {
      const handler = props.functions[name];
      if (routes.some(needsSignIn)) handler.set("GROUPS_CLAIM", props.signIn.groups_claim);
      const integration = new HttpLambdaIntegration(name, handler, { scopePermissionToRoute: false });
      for (const route of routes) this.addRoute(route, integration, needsSignIn(route) ? signedIn : anybody);
    }
    this.addDefaultRoute(props.functions.DescribeApi, anybody);
    this.stage = this.addStageWithLogs(props.log_retention_days);
  }

  private addRoute(route: ApiRoute, integration: HttpLambdaIntegration, authorizer: IHttpRouteAuthorizer): void {
    const { operation_id, method, path } = route;
    new HttpRoute(this, operation_id, { httpApi: this, routeKey: HttpRouteKey.with(path, HttpMethod[method]), integration, authorizer });
  }

  /** What no route takes is told so by a function: API Gateway's own answer could not be a problem document. */
  private addDefaultRoute(handler: IFunction, authorizer: IHttpRouteAuthorizer): void {
    // With a permission of its own: one for all routes is for paths below the stage, and this route has none.
    const integration = new HttpLambdaIntegration("UnknownRoute", handler);
    new HttpRoute(this, "unknownRoute", { httpApi: this, routeKey: HttpRouteKey.DEFAULT, integration, authorizer });
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

const needsSignIn = ({ policy }: ApiRoute): boolean => "role" in policy;

function byFunction(routes: readonly ApiRoute[]): [FunctionName, ApiRoute[]][] {
  return Object.entries(Object.groupBy(routes, (route) => route.function)) as [FunctionName, ApiRoute[]][];
}

/** Deny by default: a route that nobody decided about does not get an address. */
function refuseUnguarded(routes: readonly ApiRoute[]): void {
  const decided = ({ policy }: ApiRoute): boolean => policy && ("role" in policy || policy.signIn === false);
  const faults = routes.filter((route) => !decided(route));
  if (faults.length === 0) return;
  const list = faults.map(({ operation_id, method, path }) => `${operation_id} (${method} ${path})`).join(", ");
  throw new Error(`contract/routes.ts: routes without a policy: ${list}. Give each a role, or say {signIn: false}`);
}
