import * as z from "zod";
import { runtimeNames } from "../domain/catalogue/runtimes.ts";
import { groupName, longText, modelName, oneLineText } from "./grammars.ts";
import { modelUri } from "./model-uri.ts";
import { metadata } from "./specification.ts";
import { oneOf, strict } from "./strict.ts";

/** `POST /v1/models`. */
export const createModelBody = strict({ group: groupName, name: modelName, description: longText(2000).default("") });

const metrics = z
  .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_./@-]{0,127}$/, "letters, digits and '-', '_', '.', '/', '@'"), z.number())
  .refine((entries) => Object.keys(entries).length <= 100, "at most 100 metrics");

/** `POST /v1/models/{group}/{name}/versions`. Who registers and when is not given but known. */
export const registerVersionBody = strict({
  artifact_uri: modelUri,
  runtime: oneOf(runtimeNames, "runtime").nullable().default(null),
  framework: oneLineText(64).nullable().default(null),
  training_job: oneLineText(256).nullable().default(null),
  metrics: metrics.default({}),
  metadata: metadata.default({}),
  checksum: z
    .string()
    .regex(/^sha256:[a-f0-9]{64}$/, "as sha256: and 64 lower-case hexadecimal digits")
    .nullable()
    .default(null),
});
