import type { Answer } from "../../contract/answers.ts";
import { describeState } from "../../domain/state.ts";
import { getSight, instancesOf, type Looking, type LookLive, type Sight } from "../operations/get-state.ts";
import type { Showing } from "../operations/installation.ts";
import { endpointOf } from "./deployment-view.ts";
import type { Handlers } from "./dispatch.ts";

export function readState(ports: Looking & Showing, lookLive: LookLive): Handlers<"InspectCluster"> {
  const look = (live: boolean) => (live ? lookLive : undefined);
  return {
    async getDeploymentState({ caller, params, query }) {
      const sight = await getSight(ports, caller, params.id, look(query.live));
      return { status: 200, body: stateView(sight, ports) };
    },
    async listInstances({ caller, params, query }) {
      const sight = await getSight(ports, caller, params.id, look(query.live));
      const { observed, source } = sight;
      return { status: 200, body: { items: instancesOf(sight), observed_at: observed?.observed_at ?? null, source } };
    },
  };
}

function stateView({ head, observed, source }: Sight, ports: Showing): Answer<"State"> {
  const { active_operation: active, last_operation: last } = head;
  return {
    ...describeState(head, observed, ports.clock.now()),
    operation: active && { id: active.id, kind: active.kind, step: active.step, deadline: active.deadline },
    last_operation: last && { id: last.id, kind: last.kind, outcome: last.outcome, revision: last.revision, cause: last.cause },
    endpoint: endpointOf(head, ports),
    observed_at: observed?.observed_at ?? null,
    source,
  };
}
