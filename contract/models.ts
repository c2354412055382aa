import * as z from "zod/mini";
import { runtimeNames } from "../domain/catalogue/runtimes.ts";
import { groupName, longText, modelName, oneLineText } from "./grammars.ts";
import { isKept, keptNumbers } from "./json-limits.ts";
import { metadata } from "./metadata.ts";
import { modelUri } from "./model-uri.ts";
import { signature } from "./signature.ts";
import { oneOf, orNull, strict } from "./strict.ts";

/** `POST /v1/models`. */
export const createModelBody = z.lazy(() => strict({ group: groupName, name: modelName, description: z._default(longText(2000), "") }));

const metricName = () => z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9_./@-]{0,127}$/, "letters, digits and '-', '_', '.', '/', '@'"));
const metrics = () =>
  z
    .record(metricName(), z.number().check(z.refine(isKept, keptNumbers)))
    .check(z.refine((entries) => Object.keys(entries).length <= 100, "at most 100 metrics"));

/** What a version is registered with. Who registers and when is not given but known. */
export const versionFields = () => ({
  artifact_uri: modelUri,
  runtime: orNull(oneOf(runtimeNames, "runtime")),
  framework: orNull(oneLineText(64)),
  training_job: orNull(oneLineText(256)),
  metrics: z._default(metrics(), {}),
  metadata: z._default(metadata, {}),
  signature: orNull(z.lazy(signature)),
  checksum: orNull(z.string().check(z.regex(/^sha256:[a-f0-9]{64}$/, "as sha256: and 64 lower-case hexadecimal digits"))),
});

/** `POST /v1/models/{group}/{name}/versions`. */
export const registerVersionBody = z.lazy(() => strict(versionFields()));
