import { httpEvent, streamEvent } from "../events.ts";
import { type Fence, type FirstEvent, fenceOf, type Round } from "./round.ts";

/** Steps get their event of an operation that stands still in its smoke test, or in waiting for instances that will not leave. */

const heldDeployment = (id: string): object => ({
  ...{ group: "demo", name: id, id, environment: "staging", access: "public", predictor: { image: "bench/held:1" } },
  smoke_tests: [{ name: "held", method: "POST", path: "/hold", body: {}, expect: { status: 200 } }],
});

const heldFence = ({ answers }: Round): Fence => fenceOf(JSON.parse(answers.ChangeRecord.body));

export const rolloutEvents = {
  ChangeRecord: (round) => {
    round.hold();
    return httpEvent("POST /v1/deployments", { body: heldDeployment(round.name("held")) });
  },
  Prepare: async (round) => {
    await round.operationIn("SendSmokeTests", heldFence(round).operation_id);
    return heldFence(round);
  },
  ProvisionSlot: heldFence,
  AwaitReady: heldFence,
  ProbeServer: heldFence,
  SendSmokeTests: (round) => {
    round.letGo();
    return heldFence(round);
  },
  ShiftTraffic: (round) => {
    round.hold();
    return heldFence(round);
  },
  EnsureCapacity: heldFence,
  Bake: heldFence,
  MaskSecrets: (round) => ({ uid: heldFence(round).uid, revision: 1, texts: ["what a program has written"] }),
} as const satisfies Record<string, FirstEvent>;

/** Of what the held deployment has, while it has it. */
export const endingEvents = {
  PublishEvents: async (round) => streamEvent(await round.record.startedEvent(heldFence(round).uid)),
  RecordFailure: async (round) => {
    const failing = fenceOf(await round.system.call("POST", "/v1/deployments", heldDeployment(round.name("failing"))));
    await round.operationIn("SendSmokeTests", failing.operation_id);
    return { ...failing, failure: { Error: "SlotFailed", Cause: "it did not come up", State: "AwaitReady" } };
  },
  Complete: heldFence,
  TakeRouteAway: async (round) => {
    const { operation } = await round.system.call("POST", `/v1/deployments/${round.name("held")}/stop`);
    await round.operationIn("RetireSlot", operation.id);
    round.known.set("stop", operation.id);
    return stopping(round);
  },
  RetireSlot: (round) => stopping(round),
  CompleteShutdown: (round) => stopping(round),
} as const satisfies Record<string, FirstEvent>;

const stopping = (round: Round): Fence => ({ ...heldFence(round), operation_id: round.get("stop"), epoch: 2 });
