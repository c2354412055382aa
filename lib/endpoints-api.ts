import { Aws, Duration, RemovalPolicy } from "aws-cdk-lib";
import {
  AccessLogFormat,
  type CfnMethod,
  EndpointType,
  HttpIntegration,
  IdentitySource,
  type IResource,
  type IVpcLink,
  LogGroupLogDestination,
  type Method,
  type MethodOptions,
  RequestAuthorizer,
  ResponseTransferMode,
  RestApi,
  VpcLink,
} from "aws-cdk-lib/aws-apigateway";
import { CfnVpcLink } from "aws-cdk-lib/aws-apigatewayv2";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { FieldIndexPolicy, type ILogGroup, LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { Configuration } from "./configuration.ts";
import { accessLine, fromAnybody, fromClient, indexedFields, refusals } from "./endpoints-words.ts";
import type { ServiceFunction } from "./toolkit/service-function.ts";

export interface EndpointsApiProps {
  endpoints: Configuration["endpoints"];
  log_retention_days: RetentionDays;
  /** Says which client asks a private deployment. */
  authorizer: IFunction;
}

/**
 * The two ways of callers to the models: both pass requests on to the cluster's gateway and stream what it answers. No
 * function of ours is on the public one; on the private one a function says which client is asking.
 */
export class EndpointsApi extends RestApi {
  private readonly endpoints: Configuration["endpoints"];
  private readonly link: IVpcLink | undefined;
  private readonly accessLog: { group: ILogGroup; kept_days: number };

  constructor(scope: Construct, id: string, { endpoints, log_retention_days, authorizer }: EndpointsApiProps) {
    const logGroup = new LogGroup(scope, `${id}AccessLogs`, {
      retention: log_retention_days,
      removalPolicy: RemovalPolicy.DESTROY,
      fieldIndexPolicies: [new FieldIndexPolicy({ fields: indexedFields })],
    });
    super(scope, id, {
      description: "Slipway: the endpoints of deployed models",
      endpointTypes: [EndpointType.REGIONAL],
      // Bodies are the model server's business: they pass as they are.
      binaryMediaTypes: ["*/*"],
      // Access logs of a REST API need a role that the account holds once for all its APIs.
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      deployOptions: {
        stageName: "live",
        tracingEnabled: true,
        throttlingRateLimit: 2_000,
        throttlingBurstLimit: 4_000,
        accessLogDestination: new LogGroupLogDestination(logGroup),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(accessLine)),
      },
    });
    this.endpoints = endpoints;
    this.accessLog = { group: logGroup, kept_days: log_retention_days };
    this.link = this.privateWay();
    this.open("endpoints", fromAnybody);
    this.open("private-endpoints", fromClient, { authorizer: this.asking(authorizer) });
    for (const refusal of refusals) this.addGatewayResponse(refusal.type.responseType, refusal);
  }

  /** URL before `/endpoints/{id}` and `/private-endpoints/{id}` as callers see it. */
  get baseUrl(): string {
    const own = `https://${this.restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}/${this.deploymentStage.stageName}`;
    return this.endpoints.base_url ?? own;
  }

  /** Tells a function the address that it gives to people. */
  introduce(listener: ServiceFunction): void {
    listener.set("ENDPOINT_BASE_URL", this.baseUrl);
  }

  /** Counts in the access log who has asked what. */
  grantReadLog(reader: ServiceFunction): void {
    const { group, kept_days } = this.accessLog;
    reader.set("ENDPOINTS_LOG_GROUP_NAME", group.logGroupName).set("ENDPOINTS_LOG_RETENTION_DAYS", String(kept_days));
    reader.may(["logs:StartQuery"], [group.logGroupArn]);
    // Of one's own queries, which have no ARN.
    reader.may(["logs:GetQueryResults", "logs:StopQuery"], ["*"]);
  }

  /** A way of its own below this word, with what the front says of who is asking. */
  private open(word: string, statements: Record<string, string>, options: MethodOptions = {}): void {
    const deployment = this.root.addResource(word).addResource("{id}");
    this.passOn(deployment, "/endpoints/{id}", ["id"], statements, options);
    this.passOn(deployment.addResource("{path+}"), "/endpoints/{id}/{path}", ["id", "path"], statements, options);
  }

  /** Nothing that it says is kept: a token that is removed opens nothing from then on. */
  private asking(handler: IFunction): RequestAuthorizer {
    return new RequestAuthorizer(this, "Client", {
      handler,
      identitySources: [IdentitySource.header("Authorization")],
      resultsCacheTtl: Duration.seconds(0),
    });
  }

  private passOn(
    resource: IResource,
    path: string,
    parameters: string[],
    statements: Record<string, string>,
    options: MethodOptions,
  ): void {
    const names = parameters.map((name) => [`integration.request.path.${name}`, `method.request.path.${name}`] as const);
    const integration = new HttpIntegration(`${this.endpoints.gateway_url}${path}`, {
      httpMethod: "ANY",
      proxy: true,
      options: {
        vpcLink: this.link,
        // As long as a regional API keeps a stream open on which nothing comes.
        timeout: Duration.minutes(5),
        responseTransferMode: ResponseTransferMode.STREAM,
        requestParameters: { ...Object.fromEntries(names), ...statements },
      },
    });
    const requestParameters = Object.fromEntries(parameters.map((name) => [`method.request.path.${name}`, true]));
    const method = resource.addMethod("ANY", integration, { ...options, requestParameters });
    if (this.endpoints.vpc_link) this.aimAt(this.endpoints.vpc_link.listener_arn, method);
  }

  /** The listener behind the link, which the CDK's own integrations do not know yet; a new one needs a new deployment. */
  private aimAt(listener: string, method: Method): void {
    (method.node.defaultChild as CfnMethod).addPropertyOverride("Integration.IntegrationTarget", listener);
    this.latestDeployment?.addToLogicalId({ listener });
  }

  /** A VPC link of the second kind, which both NLB and ALB listeners can be reached through. */
  private privateWay(): IVpcLink | undefined {
    const configured = this.endpoints.vpc_link;
    if (!configured) return undefined;
    const link = new CfnVpcLink(this, "Link", {
      name: `${this.node.id}-gateway`,
      subnetIds: configured.subnet_ids,
      securityGroupIds: configured.security_group_ids,
    });
    return VpcLink.fromVpcLinkId(this, "ImportedLink", link.ref);
  }
}
