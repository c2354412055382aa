import type { Answer } from "../../contract/answers.ts";
import type { Card, Head } from "../../domain/deployment.ts";
import { frontPath } from "../../domain/endpoint.ts";
import type { Observed } from "../../domain/observed.ts";
import type { Revision } from "../../domain/revision.ts";
import { withAccess } from "../../domain/specification.ts";
import { describeState } from "../../domain/state.ts";
import type { Showing } from "../operations/installation.ts";

/** The whole URL under which a deployment answers. */
export const endpointOf = (deployment: Pick<Head, "id" | "access">, { endpointBaseUrl }: Pick<Showing, "endpointBaseUrl">): string =>
  endpointBaseUrl + frontPath(deployment);

export function cardView(
  { uid, id, group, name, environment, status, access, ...rest }: Card,
  ports: Showing,
): Answer<"DeploymentList">["items"][number] {
  return { uid, id, group, name, environment, status, endpoint: endpointOf({ id, access }, ports), ...rest };
}

/** A deployment as it crosses the wire: what was decided, what is wanted, and what was seen of it. */
export function deploymentView(head: Head, observed: Observed | undefined, revision: Revision, ports: Showing): Answer<"Deployment"> {
  const { status, condition, health } = describeState(head, observed, ports.clock.now());
  const { uid, id, group, name, environment, version } = head;
  const { created_at, created_by, updated_at, updated_by, deleted_at } = head;
  return {
    uid,
    id,
    group,
    name,
    environment,
    version,
    specification: withAccess(revision.specification, head) as Answer<"Deployment">["specification"],
    status,
    condition,
    health,
    endpoint: endpointOf(head, ports),
    revisions: { wanted: head.revisions.wanted, running: head.revisions.running },
    hold: head.hold ?? null,
    created_at,
    created_by,
    updated_at,
    updated_by,
    deleted_at,
  };
}
