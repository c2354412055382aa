import type * as z from "zod/mini";
import { clientChangeRoutes } from "./client-change-routes.ts";
import { clientRoutes } from "./client-routes.ts";
import { deploymentChangeRoutes } from "./deployment-change-routes.ts";
import { deploymentRoutes } from "./deployment-routes.ts";
import { descriptionRoutes } from "./description-routes.ts";
import { logRoutes } from "./log-routes.ts";
import { metricsRoutes } from "./metrics-routes.ts";
import { modelChangeRoutes } from "./model-change-routes.ts";
import { modelRoutes } from "./model-routes.ts";
import { promotionChangeRoutes } from "./promotion-change-routes.ts";
import { promotionRoutes } from "./promotion-routes.ts";
import { replayRoutes } from "./replay-routes.ts";
import type { HttpFunction, RouteEntry } from "./route.ts";
import { serviceRoutes } from "./service-routes.ts";
import { stateRoutes } from "./state-routes.ts";
import { triggerRoutes } from "./trigger-routes.ts";
import { webhookRoutes } from "./webhook-routes.ts";

/** Every route of this release, by operation id. A route that is not here does not exist. */
export const routeTable = {
  ...deploymentRoutes,
  ...stateRoutes,
  ...deploymentChangeRoutes,
  ...clientRoutes,
  ...clientChangeRoutes,
  ...logRoutes,
  ...metricsRoutes,
  ...modelRoutes,
  ...modelChangeRoutes,
  ...promotionRoutes,
  ...promotionChangeRoutes,
  ...triggerRoutes,
  ...replayRoutes,
  ...webhookRoutes,
  ...serviceRoutes,
  ...descriptionRoutes,
} satisfies Record<string, RouteEntry>;

export type OperationId = keyof typeof routeTable;
type Routes = typeof routeTable;

/** Operation ids of one function: `{ [Id in OperationIdOf<"ReadRecord">]: Handler<Id> }` has exactly one handler for each. */
export type OperationIdOf<F extends HttpFunction> = { [Id in OperationId]: Routes[Id]["function"] extends F ? Id : never }[OperationId];

/** What a handler gets, parsed. */
export interface RouteInput<Id extends OperationId> {
  params: z.output<Routes[Id]["params"]>;
  query: z.output<Routes[Id]["query"]>;
  body: Routes[Id] extends { body: infer Body extends z.core.$ZodType } ? z.output<Body> : undefined;
}

/** The table as a list, for what walks over all routes. */
export const routes: readonly (RouteEntry & { operation_id: OperationId })[] = (Object.keys(routeTable) as OperationId[]).map(
  (operation_id) => ({ operation_id, ...routeTable[operation_id] }),
);
