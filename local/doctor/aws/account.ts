import { ApiGatewayV2Client } from "@aws-sdk/client-apigatewayv2";
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { EKSClient } from "@aws-sdk/client-eks";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { GetCallerIdentityCommand, STSClient, type STSClientConfig } from "@aws-sdk/client-sts";
import aws4 from "aws4";
import { broken, type Finding, fine } from "../finding.ts";

/** What is asked of an account, as everybody's AWS clients ask: profile, region and endpoints by the usual variables and files. */
export interface Account {
  sts: STSClient;
  cloudFormation: CloudFormationClient;
  eks: EKSClient;
  logs: CloudWatchLogsClient;
  apiGateway: ApiGatewayV2Client;
  loadBalancing: ElasticLoadBalancingV2Client;
}

export type AccountOptions = Pick<STSClientConfig, "region" | "endpoint" | "credentials">;

/** `given`: what shall not be found in the surroundings. Nothing is asked yet. */
export function openAccount(given: AccountOptions = {}): Account {
  const config = { ...given, maxAttempts: 4, requestHandler: { connectionTimeout: 5_000, requestTimeout: 20_000 } };
  return {
    sts: new STSClient(config),
    cloudFormation: new CloudFormationClient(config),
    eks: new EKSClient(config),
    logs: new CloudWatchLogsClient(config),
    apiGateway: new ApiGatewayV2Client(config),
    loadBalancing: new ElasticLoadBalancingV2Client(config),
  };
}

/** Who asks, and where. */
export async function whoAsks({ sts }: Account): Promise<Finding> {
  try {
    const region = await sts.config.region();
    const { Arn, Account: account } = await sts.send(new GetCallerIdentityCommand({}));
    return fine("account", `${account} in ${region}, as ${Arn}`);
  } catch (error) {
    return notKnown(error as Error);
  }
}

function notKnown({ name, message }: Error): Finding {
  if (/region/i.test(message) && /missing/i.test(message))
    return broken("account", "no region is named", "name the one that the stack is in: AWS_REGION=eu-central-1, or region in the profile");
  if (/CredentialsProviderError|TokenProviderError/.test(name) || /credential/i.test(message))
    return broken("account", `there are no credentials: ${message}`, signIn);
  if (/ExpiredToken|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|AccessDenied/.test(name))
    return broken("account", `AWS does not take these credentials: ${message} (${name})`, signIn);
  return broken("account", `STS does not answer: ${message || name}`, "check the network, the region's name and AWS_ENDPOINT_URL");
}

const signIn = "sign in and look again: aws sso login or aws configure, then AWS_PROFILE=name; or AWS_ACCESS_KEY_ID and its secret";

/** The bearer token by which EKS knows whoever asks: a presigned GetCallerIdentity, bound to the cluster's name. */
export async function eksToken({ sts }: Account, cluster: string): Promise<string> {
  const [region, { accessKeyId, secretAccessKey, sessionToken }] = await Promise.all([sts.config.region(), sts.config.credentials()]);
  const host = `sts.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
  const path = "/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Expires=60";
  const request = { service: "sts", region, method: "GET", host, path, headers: { "x-k8s-aws-id": cluster }, signQuery: true };
  const signed = aws4.sign(request, { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) });
  return `k8s-aws-v1.${Buffer.from(`https://${host}${signed.path}`).toString("base64url")}`;
}
