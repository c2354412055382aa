import { marshall } from "@aws-sdk/util-dynamodb";
import type { DynamoDBRecord } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { History } from "../../domain/history.ts";
import { abortOperation, createDeployment } from "../../domain/operations.ts";
import { eventItems } from "../../lambdas/adapters/dynamodb-event-items.ts";
import { toItem } from "../../lambdas/adapters/dynamodb-items.ts";
import { keys } from "../../lambdas/adapters/dynamodb-keys.ts";
import { streamedEvents } from "../../lambdas/adapters/dynamodb-stream.ts";
import { eventBridgeBus } from "../../lambdas/adapters/eventbridge-bus.ts";
import { publishEvents } from "../../lambdas/events/publish-events.ts";
import { answering } from "../doubles/aws-calls.ts";
import { aHead, anEvent, aRevision, aSpecification, at } from "../doubles/deployments.ts";

interface Entry {
  EventBusName: string;
  Source: string;
  DetailType: string;
  Detail: string;
  Time: number;
}
function busThat(answer: (entries: Entry[]) => object) {
  const entriesOf = (input: unknown) => (input as { Entries: Entry[] }).Entries;
  const { call, asked } = answering((_action, input) => answer(entriesOf(input)));
  return { bus: eventBridgeBus(call, "slipway", { sleep: async () => {} }), sent: () => asked.map(({ input }) => entriesOf(input)) };
}
const delivered = (count: number) => ({ FailedEntryCount: 0, Entries: Array.from({ length: count }, () => ({ EventId: "e" })) });

const uid = "01JD0000000000000000000000";
const decision = createDeployment({
  uid,
  specification: aSpecification(),
  resolved: aRevision(1).resolved,
  place: aHead().place,
  actor: "ada@example.com",
  at,
  start: { operation_id: "01JD0000000000000000000001" },
});
const entries = (events = decision.events) =>
  events.map((event) => ({ sequence_number: String(event.sequence * 100), events: [{ ...event, uid }] }));
const operationEvents = decision.events.filter(({ type }) => type === "Operation Started");

const details = (sent: Entry[][]) => sent.flat().map(({ Detail }) => JSON.parse(Detail));

describe("publishing events", () => {
  it("tells all that happens to a deployment, in order, with its sequence", async () => {
    const { bus, sent } = busThat((entries) => delivered(entries.length));
    expect(await publishEvents(bus, entries())).toEqual([]);
    const all = ["Deployment Created", "Revision Stored", "Operation State Changed", "Deployment State Changed"];
    expect(
      sent()
        .flat()
        .map(({ DetailType }) => DetailType),
    ).toEqual(all);
    expect(details(sent()).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
  });

  it("tells state changes of deployments and operations", async () => {
    const { bus, sent } = busThat((entries) => delivered(entries.length));
    await publishEvents(bus, entries().slice(2));
    const [batch = []] = sent();
    expect(batch.map(({ DetailType }) => DetailType)).toEqual(["Operation State Changed", "Deployment State Changed"]);
    expect(batch.every(({ EventBusName, Source }) => EventBusName === "slipway" && Source === "slipway")).toBe(true);
    // Seconds since the epoch, as the wire has it.
    expect(batch.map(({ Time }) => Time)).toEqual([Date.parse(at) / 1000, Date.parse(at) / 1000]);
    const told = details(sent());
    const common = {
      uid,
      group: "fraud",
      deployment_id: "card-scorer",
      environment: "production",
      at,
      operation_id: "01JD0000000000000000000001",
    };
    expect(told[0]).toEqual({ ...common, sequence: 3, kind: "START", revision: 1, outcome: null, cause: null });
    expect(told[1]).toEqual({ ...common, sequence: 4, revision: 1, from: "CREATED", to: "STARTING", condition: null, health: null });
  });

  it("tells how an operation ended and why", async () => {
    const { bus, sent } = busThat((entries) => delivered(entries.length));
    const ending = abortOperation(decision.after, { operation_id: "01JD0000000000000000000001", actor: "eve@example.com", at });
    await publishEvents(bus, entries(ending.events));
    expect(details(sent())).toContainEqual(
      expect.objectContaining({ kind: "START", outcome: "CANCELLED", cause: expect.objectContaining({ reason: "Aborted" }) }),
    );
  });

  it("tells what was seen in the cluster, with who says so", async () => {
    const { bus, sent } = busThat((entries) => delivered(entries.length));
    const history = new History(aHead({ uid }), "slipway", at);
    const drift = [{ object: "HorizontalPodAutoscaler/a", field: "spec.maxReplicas", expected: "1", found: "7" }];
    history.add("Drift Found", "somebody was here", { drift: [] }, { slot: "blue", drift });
    history.addStateChange("RUNNING", "FAILED", null, 1, "failed");
    await publishEvents(bus, entries(history.events));
    const common = { uid, group: "fraud", deployment_id: "card-scorer", environment: "production", at, operation_id: null };
    expect(details(sent())).toEqual([
      { ...common, sequence: 2, actor: "slipway", message: "somebody was here", slot: "blue", drift },
      { ...common, sequence: 3, revision: 1, from: "RUNNING", to: "FAILED", condition: null, health: "failed" },
    ]);
    expect(sent()[0]?.[0]?.DetailType).toBe("Drift Found");
  });

  it("sends again what was refused, then names it and nothing else", async () => {
    const { bus, sent } = busThat((entries) => ({
      Entries: entries.map(({ Detail }) => (JSON.parse(Detail).sequence === 7 ? { ErrorCode: "Throttled" } : { EventId: "e" })),
    }));
    const events = [5, 6, 7, 8].map((sequence) => ({ ...(operationEvents[0] ?? anEvent(1)), sequence }));
    expect(await publishEvents(bus, entries(events))).toEqual(["700"]);
    expect(sent().map((batch) => batch.length)).toEqual([4, 1, 1, 1]);
  });

  it("recovers from a refusal that passes", async () => {
    let calls = 0;
    const { bus } = busThat((entries) => {
      calls += 1;
      if (calls === 1) throw new Error("unreachable");
      return delivered(entries.length);
    });
    expect(await publishEvents(bus, entries())).toEqual([]);
  });

  it("sends at most ten in a request", async () => {
    const { bus, sent } = busThat((entries) => delivered(entries.length));
    const events = Array.from({ length: 23 }, (_, n) => ({ ...(operationEvents[0] ?? anEvent(1)), sequence: n + 1 }));
    expect(await publishEvents(bus, entries(events))).toEqual([]);
    expect(sent().map((batch) => batch.length)).toEqual([10, 10, 3]);
  });
});

describe("the stream", () => {
  const record = (item: object, eventName: "INSERT" | "MODIFY" | "REMOVE" = "INSERT"): DynamoDBRecord => ({
    eventName,
    dynamodb: { SequenceNumber: "1", NewImage: marshall(item, { removeUndefinedValues: true }) as never },
  });

  it("gives the events of a new EVENT item as they were told, in order", () => {
    const items = eventItems(uid, decision.events);
    expect(items).toHaveLength(2);
    expect(items.flatMap((item) => streamedEvents(record(item)))).toEqual(decision.events.map((event) => ({ ...event, uid })));
    const bare = anEvent(4);
    expect(eventItems(uid, [bare]).flatMap((item) => streamedEvents(record(item)))).toEqual([{ ...bare, uid }]);
  });

  it("gives nothing else", () => {
    const [item = {}] = eventItems(uid, [anEvent(4)]);
    expect(streamedEvents(record(item, "MODIFY"))).toEqual([]);
    expect(streamedEvents(record(toItem(keys.head(uid), "HEAD", aHead())))).toEqual([]);
    expect(streamedEvents({ eventName: "REMOVE", dynamodb: {} })).toEqual([]);
  });
});
