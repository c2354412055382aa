import { describe, expect, it } from "vitest";
import type { Condition } from "../../domain/condition.ts";
import { recordObservation, stageDone, worthSaving } from "../../domain/observation.ts";
import type { Instance, Observed, ObservedSlot } from "../../domain/observed.ts";
import { observedItem, observedOf } from "../../lambdas/adapters/dynamodb-observed-item.ts";
import { aHead, anObservation, aSlot, at } from "../doubles/deployments.ts";

const uid = aHead().uid;
const later = "2026-11-21T09:41:07.456Z";
const ready: Condition = { type: "READY", status: "True", reason: "Ready", message: "revision 2 (green) is ready", at: later };
const small = {
  requests: { cpu: "250m", memory: "512Mi", "ephemeral-storage": "64Mi" },
  limits: { cpu: "1", memory: "512Mi", "nvidia.com/gpu": "1" },
};
const each: Instance["resources"][] = [small, { requests: {}, limits: {} }, { requests: { cpu: "2" }, limits: {} }, null];
const instance = (over: Partial<Instance> = {}): Instance => ({
  ...{ name: "card-scorer-predictor-2-3-6d9f7c-x2x4k", component: "predictor", slot: "green", revision: 2, phase: "Running", ready: true },
  ...{ restarts: 0, node: "node-1", started_at: "2026-11-21T09:40:00Z", resources: small, last_termination: null },
  ...over,
});
const slot = (over: Partial<ObservedSlot> = {}): ObservedSlot => ({
  revision: 2,
  epoch: 3,
  components: { predictor: { desired: 1, ready: 1, instances: [instance()] }, transformer: null },
  condition: ready,
  unreachable: false,
  unready_since: null,
  ...over,
});
const crashed = { reason: "Error", exit_code: 1, signal: null, message: null, at: "2026-11-21T09:40:30Z" };
const done = stageDone("SCHEDULED", at) as Condition;

describe("an observation as it is kept", () => {
  it.each<[string, Observed]>([
    ["nothing seen", anObservation({ condition: null, transitions: [] })],
    ["what has just begun", anObservation()],
    [
      "a condition whose words have changed since its transition",
      anObservation({ condition: { ...ready, message: "others" }, transitions: [ready, done] }),
    ],
    ["no condition beside transitions", anObservation({ condition: null, transitions: [done] })],
    [
      "two slots",
      anObservation({
        condition: ready,
        transitions: [ready, done],
        passed: { SCHEDULED: at },
        slots: { blue: slot({ condition: done }), green: slot() },
      }),
    ],
    [
      "instances that have failed",
      anObservation({
        slots: {
          blue: null,
          green: slot({
            unreachable: true,
            unready_since: at,
            unseen: [{ kind: "Event", message: "events is forbidden" }],
            drift: [{ object: "Deployment/x", field: "spec.replicas", expected: "1", found: "2" }],
            components: {
              predictor: {
                desired: 2,
                ready: 0,
                instances: [instance({ ready: false, restarts: 3, node: null, started_at: null, last_termination: crashed })],
              },
              transformer: {
                desired: 4,
                ready: 4,
                instances: each.map((resources) => instance({ component: "transformer", resources })),
              },
            },
          }),
        },
      }),
    ],
  ])("is read as it was: %s", (_, observed) => {
    const of = (each: Observed): Observed => ({
      ...each,
      slots: {
        blue: each.slots.blue && slotAt(each.slots.blue, "blue"),
        green: each.slots.green && slotAt(each.slots.green, "green"),
      },
    });
    const given = of(observed);
    expect(observedOf(observedItem(uid, given))).toEqual(given);
  });

  it("is worth no other write when the same is seen again", () => {
    const head = aHead({ slots: { blue: null, green: aSlot({ revision: 2, epoch: 3, role: "active", weight: 100 }) } });
    const now = Date.parse(later);
    const first = recordObservation(head, undefined, { green: slot() }, now);
    const read = observedOf(observedItem(uid, first));
    expect(worthSaving(read, recordObservation(head, read, { green: slot() }, now + 1000), 60)).toBe(false);
  });

  it("is worth no other write when the table gives the fields of maps in another order", () => {
    const head = aHead({ slots: { blue: null, green: aSlot({ revision: 2, epoch: 3, role: "active", weight: 100 }) } });
    const now = Date.parse(later);
    const condition: Condition = { type: "STARTED", status: "False", reason: "Error", message: "the server ended", at: later };
    const seen = slot({
      condition,
      components: { predictor: { desired: 1, ready: 0, instances: [instance({ last_termination: crashed })] }, transformer: null },
      drift: [{ object: "Deployment/x", field: "spec.replicas", expected: "1", found: "2" }],
    });
    const first = recordObservation(head, undefined, { green: seen }, now);
    const read = observedOf(reversed(observedItem(uid, first)));
    const again = recordObservation(head, read, { green: seen }, now + 1000);
    expect(JSON.stringify(read.slots.green?.condition)).not.toBe(JSON.stringify(again.slots.green?.condition));
    expect(worthSaving(read, again, 60)).toBe(false);
  });
});

/** Each map with its fields the other way round. */
function reversed<T>(value: T): T {
  if (Array.isArray(value)) return value.map(reversed) as T;
  if (value === null || typeof value !== "object") return value;
  const fields = Object.entries(value).toReversed();
  return Object.fromEntries(fields.map(([name, each]) => [name, reversed(each)])) as T;
}

function slotAt(seen: ObservedSlot, name: "blue" | "green"): ObservedSlot {
  const { predictor, transformer } = seen.components;
  const placed = (each: typeof predictor) => each && { ...each, instances: each.instances.map((one) => ({ ...one, slot: name })) };
  return { ...seen, components: { predictor: placed(predictor), transformer: placed(transformer) } };
}
