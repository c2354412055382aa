import { Aws, Duration, RemovalPolicy } from "aws-cdk-lib";
import {
  AccessLogFormat,
  type CfnMethod,
  EndpointType,
  HttpIntegration,
  type IResource,
  type IVpcLink,
  LogGroupLogDestination,
  type Method,
  ResponseTransferMode,
  RestApi,
  VpcLink,
} from "aws-cdk-lib/aws-apigateway";
import { CfnVpcLink } from "aws-cdk-lib/aws-apigatewayv2";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { Configuration } from "./configuration.ts";
import type { ServiceFunction } from "./toolkit/service-function.ts";

export interface EndpointsApiProps {
  endpoints: Configuration["endpoints"];
  log_retention_days: RetentionDays;
}

/**
 * The way of callers to the models: passes requests on to the cluster's gateway and streams what it answers. No
 * function of ours is on that way.
 */
export class EndpointsApi extends RestApi {
  private readonly endpoints: Configuration["endpoints"];
  private readonly link: IVpcLink | undefined;

  constructor(scope: Construct, id: string, { endpoints, log_retention_days }: EndpointsApiProps) {
    const logGroup = new LogGroup(scope, `${id}AccessLogs`, { retention: log_retention_days, removalPolicy: RemovalPolicy.DESTROY });
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
        accessLogFormat: AccessLogFormat.jsonWithStandardFields(),
      },
    });
    this.endpoints = endpoints;
    this.link = this.privateWay();
    const deployment = this.root.addResource("endpoints").addResource("{id}");
    this.passOn(deployment, "/endpoints/{id}", ["id"]);
    this.passOn(deployment.addResource("{path+}"), "/endpoints/{id}/{path}", ["id", "path"]);
  }

  /** URL before `/endpoints/{id}` as callers see it. */
  get baseUrl(): string {
    const own = `https://${this.restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}/${this.deploymentStage.stageName}`;
    return this.endpoints.base_url ?? own;
  }

  /** Tells a function the address that it gives to people. */
  introduce(listener: ServiceFunction): void {
    listener.set("ENDPOINT_BASE_URL", this.baseUrl);
  }

  private passOn(resource: IResource, path: string, parameters: string[]): void {
    const names = parameters.map((name) => [`integration.request.path.${name}`, `method.request.path.${name}`] as const);
    const integration = new HttpIntegration(`${this.endpoints.gateway_url}${path}`, {
      httpMethod: "ANY",
      proxy: true,
      options: {
        vpcLink: this.link,
        // As long as a regional API keeps a stream open on which nothing comes.
        timeout: Duration.minutes(5),
        responseTransferMode: ResponseTransferMode.STREAM,
        requestParameters: { ...Object.fromEntries(names), ...frontHeaders },
      },
    });
    const requestParameters = Object.fromEntries(parameters.map((name) => [`method.request.path.${name}`, true]));
    const method = resource.addMethod("ANY", integration, { requestParameters });
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

/**
 * What only the front may say, set by overwrite so that no caller can: who is asking. A private deployment's route
 * does not match `public`, so it is not reached this way.
 */
const frontHeaders = {
  "integration.request.header.X-Slipway-Access": "'public'",
  "integration.request.header.X-Forwarded-User": "'anonymous'",
};
