import { account } from "../../../template/place.ts";
import { type FoundLine, type LogStream, whole } from "../store.ts";
import { type Row, Timestamp, type Value } from "./values.ts";

export interface FramedStream extends LogStream {
  /** What its frame says, taken apart. */
  shared: unknown;
}

export const framed = (stream: LogStream): FramedStream => ({ ...stream, shared: parsed(`{${stream.frame}}`) });

/** What all events of a stream have in common. */
export const sharedRow = ({ shared }: FramedStream): Row => ({ get: (field) => valueIn(shared, field) });

/** An event with the fields that the service finds in it. */
export function eventRow(line: FoundLine, { name, frame, shared }: FramedStream, group: string): Row {
  let own: unknown;
  return {
    get: (field) => {
      if (field.startsWith("@")) return systemField(field, line, { name, frame, group });
      const known = valueIn(shared, field);
      if (known !== undefined) return known;
      own ??= parsed(line.message);
      return valueIn(own, field);
    },
  };
}

function systemField(field: string, line: FoundLine, { name, frame, group }: { name: string; frame: string; group: string }): Value {
  if (field === "@timestamp") return new Timestamp(line.timestamp);
  if (field === "@message") return whole(line.message, frame);
  if (field === "@logStream") return name;
  if (field === "@log") return `${account}:${group}`;
  return field === "@ptr" ? Buffer.from(`local:${line.id}`).toString("base64") : undefined;
}

/** What lies at a dotted path, of which a part may have dots itself; undefined for what is no value. */
function valueIn(document: unknown, path: string): Value {
  if (typeof document !== "object" || document === null) return undefined;
  const fields = document as Record<string, unknown>;
  if (Object.hasOwn(fields, path)) return plainValue(fields[path]);
  for (let dot = path.indexOf("."); dot >= 0; dot = path.indexOf(".", dot + 1)) {
    const part = path.slice(0, dot);
    const found = Object.hasOwn(fields, part) ? valueIn(fields[part], path.slice(dot + 1)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function plainValue(value: unknown): Value {
  if (typeof value === "number" || typeof value === "string") return value;
  return typeof value === "boolean" ? String(value) : undefined;
}

function parsed(message: string): unknown {
  try {
    return JSON.parse(message) ?? {};
  } catch {
    return {};
  }
}
