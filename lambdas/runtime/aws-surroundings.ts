import { defaultProvider } from "./environment-credentials.ts";
import { systemClock } from "./surroundings.ts";

/**
 * How a call that we sign ourselves reaches a service of AWS: as the role that the function runs as, in its own region,
 * at the endpoint that an SDK client would take.
 */
export function awsSurroundings(service: "EKS" | "LAMBDA" | "S3") {
  const { AWS_REGION, AWS_ENDPOINT_URL } = process.env;
  if (!AWS_REGION) throw new Error("AWS_REGION is not in the environment: Lambda sets it");
  const endpointUrl = process.env[`AWS_ENDPOINT_URL_${service}`] ?? AWS_ENDPOINT_URL;
  return { region: AWS_REGION, credentials: defaultProvider(), clock: systemClock, endpointUrl };
}
