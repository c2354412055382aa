import { defaultProvider } from "./environment-credentials.ts";
import { systemClock } from "./surroundings.ts";

/** How a function reaches EKS: as the role it runs as, in its own region, at the endpoint that SDK clients would take. */
export function eksSurroundings() {
  const { AWS_REGION, AWS_ENDPOINT_URL_EKS, AWS_ENDPOINT_URL } = process.env;
  if (!AWS_REGION) throw new Error("AWS_REGION is not in the environment: Lambda sets it");
  const endpointUrl = AWS_ENDPOINT_URL_EKS ?? AWS_ENDPOINT_URL;
  return { region: AWS_REGION, credentials: defaultProvider(), clock: systemClock, endpointUrl };
}
