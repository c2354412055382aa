import type { Head } from "../../domain/deployment.ts";
import { partsOfInstance } from "../../domain/instance-name.ts";
import { routeName } from "../../domain/names.ts";
import type { Component } from "../../domain/words.ts";
import type { LoggedContainer } from "./container-runs.ts";

/** What became of the log of one container, or of all of an instance. */
export interface LogSource {
  instance: string;
  component: Component;
  container_name: string | null;
  revision: number | null;
  state: "read" | "creating" | "gone" | "lost" | "none" | "cut";
  message: string;
}

/** Instances that one answer reads from; the others are named. */
export const mostInstances = 20;

export const identityOf = ({ instance, component, container_name, revision }: LoggedContainer) => ({
  instance,
  component,
  container_name,
  revision,
});

function sourceByName(head: Pick<Head, "id" | "uid">, instance: string): Omit<LogSource, "state" | "message" | "container_name"> {
  const { component = "predictor", revision = null } = partsOfInstance(head, instance) ?? {};
  return { instance, component, revision };
}

export const gone = (head: Pick<Head, "id" | "uid">, instance: string): LogSource => ({
  ...sourceByName(head, instance),
  container_name: null,
  state: "gone",
  message: "it is not in the cluster: it is gone, or never was. source=historical has what it wrote",
});

/** `key`: as `shortKey` gives it. */
export function vanished(head: Pick<Head, "id" | "uid">, key: string): LogSource {
  const [suffix = "", container_name = null] = key.split("/");
  const message = "it is gone since the last answer: source=historical has the last that it wrote";
  return { ...sourceByName(head, `${routeName(head)}-${suffix}`), container_name, state: "gone", message };
}

export const unread = (container: LoggedContainer): LogSource => ({
  ...identityOf(container),
  container_name: null,
  state: "cut",
  message: `not read: one answer reads ${mostInstances} instances. Ask for it by instance=${container.instance}`,
});

/** Positions are carried in a URL: what every instance of the deployment begins with is left out. */
export const shortKey = (head: Pick<Head, "id" | "uid">) => {
  const prefix = `${routeName(head)}-`;
  return ({ instance, container_name }: Pick<LoggedContainer, "instance" | "container_name">): string =>
    `${instance.startsWith(prefix) ? instance.slice(prefix.length) : instance}/${container_name}`;
};
