import type { GatewayPlace } from "../../domain/place.ts";
import type { RecordStore } from "../ports/record.ts";
import type { Clock, Log, NewId } from "../ports/surroundings.ts";
import type { Workflows } from "../ports/workflows.ts";

/** What operations that only read work with. */
export interface Reading {
  record: RecordStore;
  clock: Clock;
}

/** What answers that show a deployment are made with. */
export interface Showing extends Reading {
  /** URL before `/endpoints/{id}` and `/private-endpoints/{id}`, as it is now: the record keeps none. */
  endpointBaseUrl: string;
}

/** What operations that change something work with. */
export interface Changing extends Showing {
  workflows: Workflows;
  newId: NewId;
  log: Log;
  environments: Record<string, EnvironmentPlace>;
}

/** Where an environment runs, by configuration. */
export interface EnvironmentPlace {
  cluster: string;
  namespace_prefix: string;
  gateway: GatewayPlace;
  /** Where the API server's own requests to pods come from; absent: they need not be told apart. */
  api_server_cidrs?: string[];
}

export const timestamp = (clock: Clock): string => new Date(clock.now()).toISOString();
