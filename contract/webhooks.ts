import * as z from "zod/mini";
import { reportedVersion } from "./triggers.ts";

/** Name of a webhook, as the configuration gives it and its path has it. */
export const webhookNamePattern = /^[a-z][a-z0-9-]{0,28}[a-z0-9]$/;
export const webhookName = z
  .string()
  .check(
    z.regex(webhookNamePattern, "2 to 30 lower-case letters, digits and hyphens, beginning with a letter and not ending with a hyphen"),
  );

/** A webhook of MLflow's model registry; what it says more is not used. */
const mlflowDelivery = () => z.looseObject({ entity: z.string(), action: z.string(), data: z.looseObject({ name: z.string() }) });

/** Body of `POST /v1/webhooks/{source}`: of a `generic` webhook, or of an `mlflow` one. */
export const webhookDelivery = z.lazy(() => z.union([reportedVersion, mlflowDelivery()]));
