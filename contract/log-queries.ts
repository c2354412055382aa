import * as z from "zod";
import { components } from "../domain/words.ts";
import { deploymentId, modelName, oneLineText } from "./grammars.ts";
import { moment } from "./moment.ts";
import { digits } from "./queries.ts";
import { oneOf, strict } from "./strict.ts";

/** Query parameters of `GET …/logs`. */

/** The name of a container or of a pod. */
const objectName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/, "a name of Kubernetes: lower-case letters, digits, '-' and '.'");

export const logsQuery = strict({
  /** `transient`: from the instances themselves, while they are there; `historical`: what was kept of them. */
  source: oneOf(["transient", "historical"], "source").default("transient"),
  component: oneOf(components, "component").optional(),
  container_name: objectName.optional(),
  instance: objectName.optional(),
  /** Lines of the answer. */
  tail: digits(1, 2_000).default(1_000),
  /** The run before the one that is: what a container said before it crashed. */
  previous: z
    .enum(["true", "false"], { error: "true or false" })
    .default("false")
    .transform((text) => text === "true")
    .pipe(z.boolean()),
  since: moment.optional(),
  until: moment.optional(),
  /** The deployment's own id: what a search over several would be told apart by. */
  serving_name: deploymentId.optional(),
  model_name: modelName.optional(),
  model_version: digits(1, 999_999).optional(),
  /** Text that a line holds, upper or lower case. */
  query: oneLineText(200).min(1, "at least one character").optional(),
  sort: oneOf(["asc", "desc"], "order").optional(),
  cursor: z.string().min(1).max(6_000).optional(),
});
export type LogsQuery = z.output<typeof logsQuery>;

/** `POST …/logs/exports`: without a time, everything since the deployment was made. */
export const logExportBody = strict({
  component: oneOf(components, "component").optional(),
  container_name: objectName.optional(),
  since: moment.optional(),
  until: moment.optional(),
});
