import * as z from "zod";
import { webhookNamePattern } from "../contract/webhooks.ts";

/** Which other systems report versions of models (docs/promotion.md says how each is connected). */

const stage = z.enum(["staging", "production"]);
const url = z
  .string()
  .regex(/^https?:\/\/[^/?#@]+(\/[^?#]*)?$/, "an http or https URL without query, user name or password")
  .transform((text) => text.replace(/\/+$/, ""));

const generic = z.strictObject({
  kind: z.literal("generic"),
  groups: z.array(z.string().min(1)).nullable(),
});

const mlflow = z.strictObject({
  kind: z.literal("mlflow"),
  group: z.string().min(1),
  models: z.record(z.string().min(1), z.string().min(1)).default({}),
  aliases: z.record(z.string().min(1), stage).default({}),
  tags: z.record(z.string().regex(/^[^=]+=/, "a tag as key=value"), stage).default({}),
  runtime: z.string().min(1).nullable().default(null),
  artifact_tag: z.string().min(1).default("slipway.artifact_uri"),
  artifact_prefixes: z.record(z.string().min(1), z.string().min(1)).default({}),
  tracking: z
    .strictObject({ url, credentials_secret: z.string().min(1).nullable().default(null) })
    .nullable()
    .default(null),
});

const names = (what: string) =>
  z
    .record(
      z.string().regex(/^[A-Za-z0-9-]*\*?$/, `the name of a ${what}, or the beginning of one and a *`),
      z.strictObject({ group: z.string().min(1), model: z.string().min(1).nullable().default(null) }),
    )
    .default({});

/** Bytes: Lambda takes 4 KB of environment in all. */
const longest = 3_000;
const bytesOf = (reports: object): number => Buffer.byteLength(JSON.stringify(reports));

export const reportConfiguration = z
  .strictObject({
    webhooks: z
      .record(
        z.string().regex(webhookNamePattern, "a webhook's name is 2 to 30 lower-case letters, digits and hyphens"),
        z.discriminatedUnion("kind", [generic, mlflow]),
      )
      .default({}),
    sagemaker: z
      .strictObject({ model_package_groups: names("model package group"), training_jobs: names("training job") })
      .default({ model_package_groups: {}, training_jobs: {} }),
  })
  .refine((reports) => bytesOf(reports) <= longest, {
    error: ({ input }) =>
      `reports may have ${longest} bytes as JSON, and these have ${bytesOf(input as object)}: leave out names that are the same here, or name several by their beginning and a *`,
  });
export type ReportConfiguration = z.infer<typeof reportConfiguration>;
