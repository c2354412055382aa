import { ruleFor } from "../api/kinds.ts";
import type { Registry } from "../api/registry.ts";
import { StatusError } from "../api/status-error.ts";
import { type Resource, timestamp } from "../objects/resource.ts";

export interface EventObject extends Resource {
  involvedObject: {
    kind: string;
    namespace?: string;
    name: string;
    uid: string;
    apiVersion: string;
    resourceVersion?: string;
    fieldPath?: string;
  };
  reason: string;
  message: string;
  type: "Normal" | "Warning";
  source: { component?: string; host?: string };
  firstTimestamp: string | null;
  lastTimestamp: string | null;
  count?: number;
  eventTime?: string | null;
  series?: { count: number; lastObservedTime: string };
}

export interface EventSource {
  component: string;
  host?: string;
  /** What was tried, of a component that writes events of the newer API: those tell their time elsewhere. */
  action?: string;
}

const lifetime = 3_600_000;
const mostKnown = 10_000;
let lastSuffix = 0n;

/** Writes Events as client-go does: the same thing said again counts up the event that is there. They live one hour. */
export class EventRecorder {
  readonly #registry: Registry;
  readonly #source: EventSource;
  /** Names of the events written, by what they say. */
  readonly #known = new Map<string, string>();
  constructor(registry: Registry, source: EventSource) {
    this.#registry = registry;
    this.#source = source;
  }

  normal(about: Resource, reason: string, message: string, container?: string): void {
    this.#record("Normal", about, reason, message, container);
  }

  warning(about: Resource, reason: string, message: string, container?: string): void {
    this.#record("Warning", about, reason, message, container);
  }

  #record(type: "Normal" | "Warning", about: Resource, reason: string, message: string, fieldPath: string | undefined): void {
    const namespace = about.metadata.namespace ?? "default";
    const key = [about.metadata.uid, fieldPath, type, reason, message].join("\n");
    const known = this.#known.get(key);
    const same = known && this.#registry.find<EventObject>("Event", namespace, known);
    if (same) {
      this.#registry.change<EventObject>("Event", same, (draft) => {
        if (this.#source.action) draft.series = { count: (draft.series?.count ?? 1) + 1, lastObservedTime: microTimestamp() };
        else Object.assign(draft, { count: (draft.count ?? 0) + 1, lastTimestamp: timestamp() });
      });
      return;
    }
    if (this.#known.size > mostKnown) this.#known.clear();
    this.#known.set(key, this.#create(type, about, reason, message, fieldPath, namespace));
  }

  #seenOnce(): Pick<EventObject, "source" | "firstTimestamp" | "lastTimestamp" | "count" | "eventTime"> & { action?: string } {
    const { action, ...source } = this.#source;
    if (action) return { action, source: {}, firstTimestamp: null, lastTimestamp: null, eventTime: microTimestamp() };
    const time = timestamp();
    return { source, firstTimestamp: time, lastTimestamp: time, count: 1, eventTime: null };
  }

  #create(
    type: "Normal" | "Warning",
    about: Resource,
    reason: string,
    message: string,
    fieldPath: string | undefined,
    namespace: string,
  ): string {
    const { apiVersion, kind, metadata } = about;
    const { uid, resourceVersion } = metadata;
    const name = `${metadata.name}.${nextSuffix()}`;
    const involvedObject = {
      ...{ kind, ...(metadata.namespace && { namespace }), name: metadata.name, uid, apiVersion, resourceVersion },
      ...(fieldPath && { fieldPath }),
    };
    try {
      this.#registry.create({
        apiVersion: "v1",
        kind: "Event",
        metadata: { name, namespace },
        involvedObject,
        reason,
        message,
        ...this.#seenOnce(),
        type,
        reportingComponent: this.#source.component,
        reportingInstance: this.#source.host ?? "",
      });
    } catch (error) {
      // A namespace that is being deleted takes no events; nobody could read them.
      if (!(error instanceof StatusError) || (error.reason !== "Forbidden" && error.reason !== "NotFound")) throw error;
    }
    return name;
  }
}

function microTimestamp(): string {
  return new Date().toISOString().replace("Z", "000Z");
}

/** Nanoseconds in hexadecimal, as real event names end; never the same twice. */
function nextSuffix(): string {
  const now = BigInt(Date.now()) * 1_000_000n;
  lastSuffix = now > lastSuffix ? now : lastSuffix + 1n;
  return lastSuffix.toString(16);
}

export function removeExpiredEvents(registry: Registry): void {
  const oldest = Date.now() - lifetime;
  for (const event of registry.list<EventObject>("Event")) {
    const last = event.series?.lastObservedTime ?? event.lastTimestamp ?? event.metadata.creationTimestamp;
    if (Date.parse(last) < oldest) registry.delete(ruleFor("Event"), event.metadata.namespace, event.metadata.name);
  }
}
