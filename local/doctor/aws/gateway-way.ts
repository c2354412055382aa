import { GetVpcLinkCommand } from "@aws-sdk/client-apigatewayv2";
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  type LoadBalancer,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Configuration } from "../../../lib/configuration.ts";
import { broken, type Finding, fine, lacking, unknown, whyNot } from "../finding.ts";
import type { Account } from "./account.ts";
import { asked, unlessMissing } from "./asked.ts";
import type { Deployed } from "./stack.ts";

/** How requests come from API Gateway to the gateway in the cluster. */
export async function examineWay(account: Account, endpoints: Configuration["endpoints"], stack: Deployed): Promise<Finding[]> {
  const { vpc_link: configured, gateway_url } = endpoints;
  if (!configured) return [await overTheInternet(gateway_url)];
  const found = await Promise.all([
    asked("VPC link", "apigateway:GET on /vpclinks/*", () => vpcLink(account, stack)),
    asked("load balancer", "elasticloadbalancing:Describe*", () => loadBalancer(account, configured.listener_arn)),
  ]);
  return found.flat();
}

async function overTheInternet(url: string): Promise<Finding> {
  try {
    const { status } = await fetch(url, { signal: AbortSignal.timeout(5_000), redirect: "manual" });
    return fine("gateway address", `no VPC link is configured; ${url} answers (${status} for a path without a route)`);
  } catch (error) {
    const given = `no VPC link is configured, so that API Gateway reaches ${url} over the internet; from here it does not answer: ${whyNot(error)}`;
    return broken("gateway address", given, "correct endpoints.gateway_url in cdk.json, or configure endpoints.vpc_link");
  }
}

async function vpcLink({ apiGateway }: Account, stack: Deployed): Promise<Finding> {
  if (stack === "unknown") return unknown("VPC link", "its id is in the stack, which could not be asked", "see stack");
  const VpcLinkId = stack === "missing" ? undefined : stack.vpc_link;
  if (!VpcLinkId)
    return broken("VPC link", "one is configured, and the deployed stack has none", "deploy the configuration: npm run deploy");
  const link = await unlessMissing(apiGateway.send(new GetVpcLinkCommand({ VpcLinkId })));
  if (!link)
    return broken(
      "VPC link",
      `${VpcLinkId} of the stack is gone`,
      "somebody has deleted it: deploy the stack anew under another name of the link",
    );
  const given = `${VpcLinkId} is ${link.VpcLinkStatus}${link.VpcLinkStatusMessage ? `: ${link.VpcLinkStatusMessage}` : ""}`;
  if (link.VpcLinkStatus === "AVAILABLE") return fine("VPC link", given);
  if (link.VpcLinkStatus === "INACTIVE")
    return lacking("VPC link", `${given}: nobody has used it for 60 days`, "send a request to an endpoint: it comes back within minutes");
  if (link.VpcLinkStatus === "PENDING") return lacking("VPC link", given, "wait some minutes, and look again");
  return broken("VPC link", given, "check endpoints.vpc_link (subnets, security groups) in cdk.json, then npm run deploy");
}

/** The listener that the link leads to, its load balancer and what is behind it. */
async function loadBalancer(account: Account, arn: string): Promise<Finding[]> {
  const { loadBalancing } = account;
  const described = await unlessMissing(loadBalancing.send(new DescribeListenersCommand({ ListenerArns: [arn] })));
  const listener = described?.Listeners?.[0];
  if (!listener?.LoadBalancerArn)
    return [
      broken("load balancer", `there is no listener ${arn}`, "correct endpoints.vpc_link.listener_arn in cdk.json, then npm run deploy"),
    ];
  const { LoadBalancers = [] } = await loadBalancing.send(
    new DescribeLoadBalancersCommand({ LoadBalancerArns: [listener.LoadBalancerArn] }),
  );
  const balancer = LoadBalancers[0] as LoadBalancer;
  return [asItIs(balancer, `${listener.Protocol}:${listener.Port}`), await targets(account, listener.LoadBalancerArn)];
}

function asItIs({ LoadBalancerName, Type, Scheme, State }: LoadBalancer, listener: string): Finding {
  const given = `${LoadBalancerName} (${Type}, ${Scheme}, ${listener}) is ${State?.Code}${State?.Reason ? `: ${State.Reason}` : ""}`;
  if (State?.Code !== "active" && State?.Code !== "active_impaired")
    return broken("load balancer", given, "wait until it is active, or mend it");
  if (Scheme !== "internal") {
    const risk = `${given}: whoever reaches it reaches models without the API's checks`;
    return lacking("load balancer", risk, "take an internal one, which the VPC link reaches as well");
  }
  return fine("load balancer", given);
}

async function targets({ loadBalancing }: Account, LoadBalancerArn: string): Promise<Finding> {
  const { TargetGroups = [] } = await loadBalancing.send(new DescribeTargetGroupsCommand({ LoadBalancerArn }));
  const health = await Promise.all(
    TargetGroups.map(({ TargetGroupArn }) => loadBalancing.send(new DescribeTargetHealthCommand({ TargetGroupArn }))),
  );
  const all = health.flatMap(({ TargetHealthDescriptions = [] }) => TargetHealthDescriptions);
  const healthy = all.filter(({ TargetHealth }) => TargetHealth?.State === "healthy");
  if (healthy.length > 0) return fine("targets", `${healthy.length} of ${all.length} behind it are healthy`);
  const why = [...new Set(all.map(({ TargetHealth }) => TargetHealth?.Description ?? TargetHealth?.State))].join("; ") || "there is none";
  const mend =
    "register the gateway's pods or nodes (a TargetGroupBinding of the AWS load balancer controller does), and let its health check through";
  return broken("targets", `none of ${all.length} behind it is healthy: ${why}`, mend);
}
