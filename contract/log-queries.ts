import * as z from "zod/mini";
import { components } from "../domain/words.ts";
import { flag } from "./flag.ts";
import { deploymentId, modelName, oneLineText } from "./grammars.ts";
import { moment } from "./moment.ts";
import { digits } from "./queries.ts";
import { oneOf, strict } from "./strict.ts";

/** Query parameters of `GET …/logs`. */

/** The name of a container or of a pod. */
const objectName = z
  .string()
  .check(z.maxLength(253), z.regex(/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/, "a name of Kubernetes: lower-case letters, digits, '-' and '.'"));

export const logsQuery = strict({
  /** `transient`: from the instances themselves, while they are there; `historical`: what was kept of them. */
  source: z._default(oneOf(["transient", "historical"], "source"), "transient"),
  component: z.optional(oneOf(components, "component")),
  container_name: z.optional(objectName),
  instance: z.optional(objectName),
  /** Lines of the answer. */
  tail: z._default(digits(1, 2_000), 1_000),
  /** The run before the one that is: what a container said before it crashed. */
  previous: flag,
  since: z.optional(moment),
  until: z.optional(moment),
  /** The deployment's own id: what a search over several would be told apart by. */
  serving_name: z.optional(deploymentId),
  model_name: z.optional(modelName),
  model_version: z.optional(digits(1, 999_999)),
  /** Text that a line holds, upper or lower case. */
  query: z.optional(oneLineText(200).check(z.minLength(1, "at least one character"))),
  sort: z.optional(oneOf(["asc", "desc"], "order")),
  cursor: z.optional(z.string().check(z.minLength(1), z.maxLength(6_000))),
});
export type LogsQuery = z.output<typeof logsQuery>;

/** `POST …/logs/exports`: without a time, everything since the deployment was made. */
export const logExportBody = strict({
  component: z.optional(oneOf(components, "component")),
  container_name: z.optional(objectName),
  since: z.optional(moment),
  until: z.optional(moment),
});
