import type { Head } from "../../domain/deployment.ts";
import { Problem } from "../../domain/errors.ts";
import { partsOfInstance } from "../../domain/instance-name.ts";
import type { Component } from "../../domain/words.ts";
import type { LoggedContainer } from "./container-runs.ts";
import { gone, type LogSource, mostInstances, unread } from "./log-sources.ts";

export interface ContainerChoice {
  component?: Component | undefined;
  container_name?: string | undefined;
  instance?: string | undefined;
  /** null: all. */
  revisions: number[] | null;
}

export interface Chosen {
  containers: LoggedContainer[];
  /** What is not read, and why. */
  notes: LogSource[];
}

/** Of all containers of a deployment those that are asked for. Errors: `not-found` for a container that no instance has. */
export function chooseContainers(head: Pick<Head, "id" | "uid">, all: LoggedContainer[], asked: ContainerChoice): Chosen {
  const { component, container_name, instance, revisions } = asked;
  const known = [...new Set(all.map((container) => container.container_name))];
  if (container_name !== undefined && all.length > 0 && !known.includes(container_name)) throw noContainer(container_name, known);
  const chosen = all.filter(
    (each) =>
      (component ?? each.component) === each.component &&
      (revisions === null || (each.revision !== null && revisions.includes(each.revision))) &&
      (container_name ?? each.container_name) === each.container_name &&
      (instance ?? each.instance) === each.instance,
  );
  const left = new Map([...Map.groupBy(chosen, (each) => each.instance)].slice(mostInstances));
  const isGone = instance !== undefined && !all.some((each) => each.instance === instance);
  return {
    containers: chosen.filter((each) => !left.has(each.instance)),
    notes: [...(isGone ? [gone(head, instance)] : []), ...[...left.values()].map(([first]) => unread(first as LoggedContainer))],
  };
}

/** Errors: `not-found` for the name of an instance that another deployment has. */
export function requireOwn(head: Pick<Head, "id" | "uid">, instance: string | undefined): void {
  if (instance === undefined || partsOfInstance(head, instance)) return;
  throw new Problem(
    "not-found",
    `${head.id} has no instance ${instance}. GET /v1/deployments/${head.id}/instances lists those that it has`,
  );
}

const noContainer = (given: string, known: string[]) =>
  new Problem("not-found", `there is no container ${given}; there are ${known.join(", ")}. Give one of them, or leave it out to read all`, {
    members: { container_names: known },
  });
