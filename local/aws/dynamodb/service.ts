import type { AwsAnswer, AwsCall, AwsService } from "../service.ts";

const writes = /^(Put|Update|Delete)Item$|^BatchWriteItem$|^TransactWriteItems$|^Execute/;

/** Passes calls on to the engine as they came; tells `onWrite` when items may have changed, for whoever reads the streams. */
export function dynamodbService(engineUrl: string, onWrite: () => void): AwsService {
  return {
    handle: async (call: AwsCall): Promise<AwsAnswer> => {
      const response = await fetch(engineUrl, {
        method: "POST",
        headers: {
          "content-type": "application/x-amz-json-1.0",
          "x-amz-target": String(call.headers["x-amz-target"]),
          authorization: String(call.headers.authorization),
          "x-amz-date": String(call.headers["x-amz-date"]),
        },
        body: new Uint8Array(call.body),
      });
      const body = Buffer.from(await response.arrayBuffer());
      if (response.ok && writes.test(call.action ?? "")) onWrite();
      const checksum = response.headers.get("x-amz-crc32");
      return {
        status: response.status,
        headers: { "content-type": "application/x-amz-json-1.0", ...(checksum === null ? {} : { "x-amz-crc32": checksum }) },
        body,
      };
    },
  };
}
