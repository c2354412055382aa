import { describe, expect, it } from "vitest";
import type { Head } from "../../domain/deployment.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import type { Cluster } from "../../lambdas/ports/cluster.ts";
import type { Fence, RecordStore } from "../../lambdas/ports/record.ts";
import type { MemoryRecord } from "../doubles/memory-record.ts";
import { copy } from "./copy.ts";
import type { Executor } from "./executor.ts";
import { needsNextEpoch } from "./faults.ts";
import { type Guard, seenWithout } from "./guard.ts";
import { lying } from "./lying.ts";

// biome-ignore lint/suspicious/noExplicitAny: what is lied about has many shapes
type Any = any;
const routeWithout = (change: (route: Any) => void) => (cluster: Cluster) =>
  lying(cluster, {
    get: (async (...given: Parameters<Cluster["get"]>) => {
      const found = copy(await cluster.get(...given));
      if (found?.kind === "HTTPRoute") change(found);
      return found;
    }) as Cluster["get"],
  });

/** The record takes every executor for the newest. */
function unfenced(record: RecordStore): RecordStore {
  const heads = (record as MemoryRecord).heads_;
  const newest = (fence: Fence): Fence => {
    const head = heads.get(fence.uid);
    return { uid: fence.uid, operation_id: head?.active_operation?.id ?? fence.operation_id, epoch: head?.epoch ?? fence.epoch };
  };
  return lying(record, {
    enterStep: (fence, ...rest) => record.enterStep(newest(fence), ...rest),
    saveSlots: (fence, ...rest) => record.saveSlots(newest(fence), ...rest),
  });
}

/** Whoever comes is taken for the next step. */
const timeless = (record: RecordStore): RecordStore => lying(record, { enterStep: (fence, step, at) => record.enterStep(fence, step, at) });

/** What a transaction is conditional on is taken to hold. */
function unconditional(record: RecordStore): RecordStore {
  const { heads_, events_ } = record as MemoryRecord;
  return lying(record, {
    commit: (change) => {
      const { uid } = change.after;
      const [first] = change.events;
      const kept = (events_.get(uid) ?? []).filter(({ sequence }) => first === undefined || sequence < first.sequence);
      events_.set(uid, kept);
      return record.commit({ ...change, before: heads_.get(uid) });
    },
  });
}

/** No answer is kept for a request that is sent again. */
const forgetful = (record: RecordStore): RecordStore =>
  lying(record, {
    idempotent: async () => undefined,
    commit: ({ idempotency: _forgotten, ...change }) => record.commit(change),
  });

/** Sync sees what has ended, and does not say so. */
const silent = (record: RecordStore, { name }: Executor): RecordStore =>
  name === "Sync" ? lying(record, { endOperation: async ({ uid }) => (await record.head(uid)) as Head }) : record;

const withoutSettling = (head: Head | undefined): Head | undefined =>
  head && { ...head, place: { ...head.place, gateway: { ...head.place.gateway, settle_seconds: 0 } } };

const withoutPreconditions = (cluster: Cluster) =>
  lying(cluster, {
    patch: ((kind, namespace, name, patch: Any) =>
      cluster.patch(kind, namespace, name, { ...patch, metadata: { ...patch.metadata, resourceVersion: undefined } })) as Cluster["patch"],
  });

const isEager = ({ name }: Executor): boolean => name === "EnsureCapacity" || name === "ShiftTraffic";

/** All instances that it wants are said to be there. */
function whole(cluster: Cluster): Cluster {
  return lying(cluster, {
    get: (async (...given: Parameters<Cluster["get"]>) => {
      const found = copy(await cluster.get(...given)) as KubernetesObject | undefined;
      if (found?.kind === "Deployment") Object.assign(found.status as object, { availableReplicas: 99 });
      return found;
    }) as Cluster["get"],
  });
}

const withoutHolding = (cluster: Cluster) =>
  lying(cluster, {
    patch: (async (kind, namespace, name, patch: Any) => {
      const isHold = patch.spec?.behavior?.scaleDown?.selectPolicy === "Disabled";
      const metadata = { ...patch.metadata };
      return cluster.patch(kind, namespace, name, isHold ? { metadata } : patch);
    }) as Cluster["patch"],
  });

/** Nobody sees how large anything has grown. */
const withoutScalers = (cluster: Cluster) =>
  lying(cluster, {
    get: (async (...given: Parameters<Cluster["get"]>) =>
      given[0] === "HorizontalPodAutoscaler" ? undefined : cluster.get(...given)) as Cluster["get"],
  });

const forgettable = (cluster: Cluster) =>
  lying(cluster, { remove: (kind, namespace, name) => cluster.remove(kind, namespace, name, null) });

/** Nobody is told that the API server was away. */
const untold = (cluster: Cluster) =>
  lying(cluster, { watch: ((kind, scope, version, signal) => cluster.watch(kind, scope, version, signal)) as Cluster["watch"] });

const guards: Guard[] = [
  {
    guard: "the record's check of the epoch",
    lies: { record: unfenced },
    path: "UPDATE all at once",
    invariant: "no write by an older epoch",
    faults: needsNextEpoch,
  },
  {
    guard: "the record's check of when the workflow came to a step",
    lies: { record: timeless },
    path: "UPDATE all at once",
    invariant: "steps begin in their order",
    faults: (kind) => kind === "run beside",
  },
  {
    guard: "the condition of a transaction",
    lies: { record: unconditional },
    path: "UPDATE and RESTART at the same moment",
    invariant: "history append-only",
    faults: () => false,
  },
  {
    guard: "the answer that is kept under a key",
    lies: { record: forgetful },
    path: "ROLLBACK to what is warm",
    invariant: "one effect of one key",
    faults: (kind) => kind === "reply lost",
  },
  {
    guard: "the end by Sync of what nobody else ends",
    lies: { record: silent },
    path: "STOP",
    invariant: "an outcome by the deadline",
    faults: (kind) => kind === "crash before",
  },
  {
    guard: "the route's claim",
    lies: {
      cluster: (cluster) =>
        withoutPreconditions(
          routeWithout((route) => {
            route.metadata.annotations = {};
          })(cluster),
        ),
    },
    path: "UPDATE to a gateway that lags",
    invariant: "no write by an older epoch",
    faults: needsNextEpoch,
  },
  {
    guard: "the check of capacity before traffic moves",
    lies: { cluster: (cluster, executor) => (isEager(executor) ? whole(cluster) : cluster) },
    path: "ROLLBACK to what is warm and too small",
    invariant: "capacity behind the live route",
    faults: () => false,
  },
  {
    guard: "the growth with the traffic",
    lies: { cluster: (cluster, { name }) => (name === "ShiftTraffic" ? withoutScalers(cluster) : cluster) },
    path: "UPDATE promoted by hand after more callers have come",
    invariant: "capacity behind the live route",
    faults: () => false,
  },
  {
    guard: "the wait for the gateway to settle",
    lies: {
      record: (record) =>
        lying(record, {
          enterStep: async (...given) => withoutSettling(await record.enterStep(...given)) as Head,
          head: async (uid) => withoutSettling(await record.head(uid)),
        }),
    },
    path: "UPDATE to a gateway that lags",
    invariant: "capacity behind the live route",
    faults: () => false,
  },
  {
    guard: "the wait for a gateway that has lost the API server",
    lies: { cluster: untold },
    path: "UPDATE while the API server is away for a moment",
    invariant: "capacity behind the live route",
    faults: () => false,
  },
  {
    guard: "the hold of what served",
    lies: { cluster: withoutHolding },
    path: "UPDATE that errs under all of the load",
    invariant: "capacity behind the live route",
    faults: () => false,
  },
  {
    guard: "the precondition of a removal",
    lies: { cluster: forgettable },
    path: "DELETE",
    invariant: "capacity behind the live route",
    faults: needsNextEpoch,
  },
  {
    guard: "RetireSlot's look at the route",
    lies: {
      cluster: (cluster, { name }) =>
        name === "RetireSlot"
          ? routeWithout((route) => {
              for (const rule of route.spec.rules) rule.backendRefs = [];
            })(cluster)
          : cluster,
    },
    path: "abort while what served has lost an instance",
    invariant: "capacity behind the live route",
    faults: () => false,
  },
];

describe.each(guards)("without $guard", (given) => {
  it(`${given.path} violates: ${given.invariant}`, async () => {
    expect(await seenWithout(given)).toContain(given.invariant);
  });
});
