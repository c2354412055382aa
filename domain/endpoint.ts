import type { Head } from "./deployment.ts";

/**
 * Below which path of the front a deployment is asked. API Gateway cannot choose by request whom a method is open to, so there
 * are two ways; both lead to the one path of the gateway's route (manifests/route.ts).
 */
export const frontPath = ({ id, access }: Pick<Head, "id" | "access">): string =>
  `/${access === "private" ? "private-endpoints" : "endpoints"}/${id}`;
