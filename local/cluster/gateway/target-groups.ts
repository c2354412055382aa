import type { Backend, Endpoint, RouteEntry } from "./route-table.ts";

/** Shorter than the 10 s that the quickest health check of a real one takes, so that nobody has to wait for it. */
export const healthyAfterMs = 2_000;

/**
 * Targets as AWS' load balancer controller and an Application Load Balancer have them: each Service that a route names,
 * with whatever weight, is a target group. Who is in none any more is deregistered first and at once; who is new is
 * registered, and has requests only when its health checks are passed. A group without a healthy target answers 503.
 */
export class TargetGroups {
  #registered = new Map<string, { endpoint: Endpoint; since: number }>();

  /** Gives the targets that have just been deregistered: their connections are to be reset. `now` in milliseconds. */
  follow(entries: RouteEntry[], now: number): Endpoint[] {
    const before = this.#registered;
    this.#registered = new Map();
    for (const backend of entries.flatMap(({ backends }) => backends)) {
      for (const endpoint of backend.endpoints ?? []) {
        const key = keyOf(backend, endpoint);
        this.#registered.set(key, before.get(key) ?? { endpoint, since: now });
      }
    }
    return [...before].flatMap(([key, { endpoint }]) => (this.#registered.has(key) ? [] : [endpoint]));
  }

  healthy(backend: Backend, now: number): Endpoint[] {
    return (backend.endpoints ?? []).filter((endpoint) => {
      const since = this.#registered.get(keyOf(backend, endpoint))?.since;
      return since !== undefined && now - since >= healthyAfterMs;
    });
  }
}

const keyOf = ({ service }: Backend, { address, port }: Endpoint): string => `${service} ${address}:${port}`;
