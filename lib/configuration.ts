import * as z from "zod";
import { freshnessModes } from "../domain/freshness.ts";
import { gatewayDialects } from "../domain/place.ts";
import { reportConfiguration } from "./report-configuration.ts";

/**
 * What an installation decides. It comes from `slipway` in the context of cdk.json; the environment variable
 * SLIPWAY_CONFIGURATION (JSON) replaces it whole. Nothing in it is looked up, so that synth needs no account.
 */
const label = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, "lower-case letters, digits and inner hyphens");
const url = z
  .string()
  .regex(/^https?:\/\/[^/?#]+(\/[^?#]*)?$/, "an http or https URL without query")
  .transform((text) => text.replace(/\/+$/, ""));
const cidr = z.string().regex(/^[0-9a-f.:]+\/\d{1,3}$/, "an address range such as 10.0.0.0/16");

const metrics = z.strictObject({
  /** Whose names metrics and labels have. */
  dialect: z.enum(gatewayDialects),
  namespace: label(63),
  /** A Service that has every pod of the data plane behind it: each is read through the API server. */
  service: label(63),
  /** Of those pods; the Service need not have it. */
  port: z.int().min(1).max(65_535),
  path: z.string().regex(/^\/[^#\s]*$/, "a path that begins with /"),
});

const gateway = z.strictObject({
  /** GatewayClass of the implementation that runs in the cluster. */
  class: label(63),
  /** `controllerName` of that class when the class is ours to make; null when the implementation brought it. */
  controller: z.string().min(1).nullable().default(null),
  name: label(63),
  namespace: label(63),
  /** Service of the gateway's data plane, which probes reach through the API server. */
  service: label(63),
  port: z.int().min(1).max(65_535),
  /** How long after a route's acceptance the data plane may still serve the old one. */
  settle_seconds: z.number().min(0).max(300),
  /** How long a Service is in the route before traffic moves to it: where targets are registered and checked first, as by an ALB. */
  register_seconds: z.number().min(0).max(180).optional(),
  /** Where the data plane tells, as Prometheus text, what it has counted; null: nothing is judged by it. */
  metrics: metrics.nullable().default(null),
});

const schema = z.strictObject({
  environments: z.record(
    z.string().regex(/^[a-z][a-z0-9]{0,19}$/, "an environment is lower-case letters and digits, without hyphen"),
    z.strictObject({ cluster: z.string().min(1), namespace_prefix: label(20) }),
  ),
  clusters: z.record(
    z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, "the name of an EKS cluster"),
    z.strictObject({
      gateway,
      /** Where the API server's own requests to pods come from: the control plane's subnets. */
      api_server_cidrs: z.array(cidr),
    }),
  ),
  sign_in: z.strictObject({
    issuer: url,
    audience: z.array(z.string().min(1)).min(1),
    groups_claim: z.string().min(1).default("groups"),
  }),
  endpoints: z.strictObject({
    /** URL before `/endpoints/{id}` as callers see it; null: the endpoint API's own. */
    base_url: url.nullable().default(null),
    /** Where the gateway of the cluster answers, as the endpoint API (or its VPC link) reaches it. */
    gateway_url: url,
    vpc_link: z
      .strictObject({
        subnet_ids: z.array(z.string().startsWith("subnet-")).min(1),
        security_group_ids: z.array(z.string().startsWith("sg-")).min(1),
        /** Listener of the NLB or ALB in front of the gateway. */
        listener_arn: z.string().startsWith("arn:"),
      })
      .nullable()
      .default(null),
  }),
  /** How clusters are watched: while somebody needs it, always, or one look a minute (docs/freshness.md says what each costs). */
  freshness: z.enum(freshnessModes).default("on_demand"),
  /** A number of days that CloudWatch Logs knows. */
  log_retention_days: z.literal([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2557, 3653]).default(30),
  reports: reportConfiguration.default(reportConfiguration.parse({})),
  alarms: z.strictObject({ topic_arn: z.string().startsWith("arn:").nullable() }).default({ topic_arn: null }),
});

const checked = schema.superRefine((configuration, context) => {
  const known = Object.keys(configuration.clusters);
  for (const [name, environment] of Object.entries(configuration.environments)) {
    if (known.includes(environment.cluster)) continue;
    const message = `no such cluster: ${environment.cluster}. Known: ${known.join(", ") || "none"}. Add it under clusters`;
    context.addIssue({ code: "custom", path: ["environments", name, "cluster"], message });
  }
  if (Object.keys(configuration.environments).length === 0) {
    context.addIssue({ code: "custom", path: ["environments"], message: "name at least one environment" });
  }
});

export type Configuration = z.infer<typeof schema>;
export type GatewayConfiguration = z.infer<typeof gateway>;
export type ClusterConfiguration = Configuration["clusters"][string];

/** Errors: every fault of the configuration in one message, each with its path and what to write instead. */
export function parseConfiguration(given: unknown, source: string): Configuration {
  const result = checked.safeParse(given);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `  ${issue.path.join(".") || "(whole)"}: ${issue.message}`);
  throw new Error(`The configuration in ${source} cannot be used:\n${faults.join("\n")}`);
}

/** `context` is what cdk.json holds under `slipway`. */
export function readConfiguration(context: unknown, variables: NodeJS.ProcessEnv = process.env): Configuration {
  const override = variables.SLIPWAY_CONFIGURATION;
  if (!override) return parseConfiguration(context, "cdk.json, context.slipway");
  try {
    return parseConfiguration(JSON.parse(override), "SLIPWAY_CONFIGURATION");
  } catch (error) {
    if (error instanceof SyntaxError) throw new Error(`SLIPWAY_CONFIGURATION is not JSON: ${error.message}`);
    throw error;
  }
}
