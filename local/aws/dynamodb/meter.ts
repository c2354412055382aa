import type { Units } from "../service.ts";

interface Consumed {
  CapacityUnits?: number;
}

const reads = new Set(["GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems"]);

/** The same request, asking also for what it consumes. */
export function askForUnits(body: Buffer): Buffer {
  return Buffer.from(JSON.stringify({ ...JSON.parse(body.toString("utf8")), ReturnConsumedCapacity: "TOTAL" }));
}

/** What the answer says was consumed, and the answer as the caller would have got it without asking. */
export function readUnits(action: string, request: Buffer, answer: Buffer): { units: Units | null; body: Buffer } {
  const { ConsumedCapacity: consumed, ...rest } = JSON.parse(answer.toString("utf8")) as { ConsumedCapacity?: Consumed | Consumed[] };
  const asked = "ReturnConsumedCapacity" in (JSON.parse(request.toString("utf8")) as object);
  const body = asked ? answer : Buffer.from(JSON.stringify(rest));
  if (consumed === undefined) return { units: null, body };
  const sum = [consumed].flat().reduce((total, { CapacityUnits }) => total + (CapacityUnits ?? 0), 0);
  return { units: reads.has(action) ? { read: sum, write: 0 } : { read: 0, write: sum }, body };
}
