import type { IncomingMessage } from "node:http";
import protobuf from "protobufjs";
import { readBody, readJson } from "./body.ts";
import { badRequest } from "./status-error.ts";

const protobufType = "application/vnd.kubernetes.protobuf";

/** What of them counts here; numbers as in `generated.proto` of k8s.io/apimachinery and k8s.io/api/policy/v1. */
const messages = protobuf.Root.fromJSON({
  nested: {
    Unknown: { fields: { raw: { type: "bytes", id: 2 } } },
    ObjectMeta: { fields: { name: { type: "string", id: 1 }, namespace: { type: "string", id: 3 } } },
    Preconditions: { fields: { uid: { type: "string", id: 1 }, resourceVersion: { type: "string", id: 2 } } },
    DeleteOptions: {
      fields: {
        gracePeriodSeconds: { type: "int64", id: 1 },
        preconditions: { type: "Preconditions", id: 2 },
        propagationPolicy: { type: "string", id: 4 },
        dryRun: { rule: "repeated", type: "string", id: 5 },
      },
    },
    Eviction: { fields: { metadata: { type: "ObjectMeta", id: 1 }, deleteOptions: { type: "DeleteOptions", id: 2 } } },
  },
});

/**
 * A body as JSON, or in the protobuf in which clients of Go say these two: four bytes of magic, and the message in an
 * envelope. Objects are taken as JSON only.
 */
export async function readMessage(request: IncomingMessage, type: "DeleteOptions" | "Eviction"): Promise<object> {
  if (!request.headers["content-type"]?.startsWith(protobufType)) return (await readJson(request)) ?? {};
  const body = await readBody(request);
  if (body.length === 0) return {};
  if (body.subarray(0, 4).toString("latin1") !== "k8s\0")
    throw badRequest("the object provided is unrecognized: it is not in Kubernetes' protobuf");
  try {
    const message = messages.lookupType(type);
    const { raw } = messages.lookupType("Unknown").decode(body.subarray(4)) as unknown as { raw: Uint8Array };
    return message.toObject(message.decode(raw), { longs: Number });
  } catch (error) {
    throw badRequest(`the object provided is unrecognized: ${(error as Error).message}`);
  }
}
