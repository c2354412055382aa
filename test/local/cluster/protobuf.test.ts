import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import protobuf from "protobufjs";
import { expect, test } from "vitest";
import { readMessage } from "../../../local/cluster/api/protobuf.ts";

const sent = (body: Uint8Array, type: string): IncomingMessage =>
  Object.assign(Readable.from([Buffer.from(body)]), { headers: { "content-type": type } }) as unknown as IncomingMessage;
const asProtobuf = (body: Uint8Array) => sent(body, "application/vnd.kubernetes.protobuf");

/** As a client of Go writes it: magic, then the envelope with its type, the message, and two empty texts. */
function inEnvelope(kind: string, message: Uint8Array): Uint8Array {
  const type = protobuf.Writer.create().uint32(10).string("policy/v1").uint32(18).string(kind).finish();
  const envelope = protobuf.Writer.create().uint32(10).bytes(type).uint32(18).bytes(message).uint32(26).string("").uint32(34).string("");
  return Buffer.concat([Buffer.from("k8s\0"), envelope.finish()]);
}
const preconditions = protobuf.Writer.create().uint32(10).string("u-1").finish();
const options = protobuf.Writer.create().uint32(8).int64(7).uint32(18).bytes(preconditions).uint32(34).string("Background").finish();
const metadata = protobuf.Writer.create().uint32(10).string("p").uint32(18).string("").uint32(26).string("n").finish();
const eviction = protobuf.Writer.create().uint32(10).bytes(metadata).uint32(18).bytes(options).finish();

test("an eviction and options of a deletion are read from protobuf", async () => {
  const read = { gracePeriodSeconds: 7, preconditions: { uid: "u-1" }, propagationPolicy: "Background" };
  expect(await readMessage(asProtobuf(inEnvelope("DeleteOptions", options)), "DeleteOptions")).toEqual(read);
  const { metadata: named, deleteOptions } = (await readMessage(asProtobuf(inEnvelope("Eviction", eviction)), "Eviction")) as Record<
    string,
    object
  >;
  expect([named, deleteOptions]).toEqual([{ name: "p", namespace: "n" }, read]);
});

test("as JSON, too, and nothing is nothing", async () => {
  expect(await readMessage(sent(Buffer.from('{"gracePeriodSeconds":1}'), "application/json"), "DeleteOptions")).toEqual({
    gracePeriodSeconds: 1,
  });
  expect(await readMessage(asProtobuf(Buffer.alloc(0)), "DeleteOptions")).toEqual({});
});

test.each([
  ["without its magic", Buffer.from("abcd")],
  ["that ends too early", inEnvelope("Eviction", eviction).subarray(0, 12)],
])("a body %s is refused", async (_what, body) => {
  await expect(readMessage(asProtobuf(body), "Eviction")).rejects.toMatchObject({ code: 400 });
});
