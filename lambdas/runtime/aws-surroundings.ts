import type { Clock } from "../ports/surroundings.ts";
import { systemClock } from "./surroundings.ts";

/** By the name that `AWS_ENDPOINT_URL_<name>` has for a service: its host, which is also what a signature is scoped to. */
export const awsServices = {
  DYNAMODB: "dynamodb",
  SFN: "states",
  EVENTBRIDGE: "events",
  CLOUDWATCH: "monitoring",
  CLOUDWATCH_LOGS: "logs",
  S3: "s3",
  EKS: "eks",
  LAMBDA: "lambda",
  SECRETS_MANAGER: "secretsmanager",
  SAGEMAKER: "sagemaker",
} as const;
export type AwsService = keyof typeof awsServices;
/** Where the host is not what a signature is scoped to. */
const hosts: Partial<Record<AwsService, string>> = { SAGEMAKER: "api.sagemaker" };

export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
}
export type CredentialsProvider = () => Promise<AwsCredentials>;

/** How a service of AWS is reached: as whom, where, and by which clock. */
export interface AwsSurroundings {
  region: string;
  credentials: CredentialsProvider;
  clock: Clock;
  /** A path in it comes before the request's own; undefined for the service's own address in the region. */
  endpointUrl: string | undefined;
}

/** As the role that the function runs as, in its own region, at the endpoint that the environment names, if it does. */
export function awsSurroundings(service: AwsService): AwsSurroundings {
  const { AWS_REGION, AWS_ENDPOINT_URL, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS } = process.env;
  if (!AWS_REGION) throw new Error("AWS_REGION is not in the environment: Lambda sets it");
  const named = process.env[`AWS_ENDPOINT_URL_${service}`] || AWS_ENDPOINT_URL || undefined;
  const endpointUrl = AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === "true" ? undefined : named;
  return { region: AWS_REGION, credentials: environmentCredentials, clock: systemClock, endpointUrl };
}

export function serviceUrl(service: AwsService, { region, endpointUrl }: Pick<AwsSurroundings, "region" | "endpointUrl">): URL {
  return new URL(endpointUrl ?? `https://${hosts[service] ?? awsServices[service]}.${region}.${dnsSuffix(region)}`);
}

export const dnsSuffix = (region: string): string => (region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com");

/** A function's credentials are in its environment and nowhere else. */
const environmentCredentials: CredentialsProvider = async () => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    throw new Error("no credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not in the environment");
  }
  return { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, sessionToken: AWS_SESSION_TOKEN };
};
