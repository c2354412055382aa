import type { AwsAnswer, AwsCall, AwsService } from "../service.ts";
import { askForUnits, readUnits } from "./meter.ts";

const writes = /^(Put|Update|Delete)Item$|^BatchWriteItem$|^TransactWriteItems$|^Execute/;
const counted = /^(Get|Put|Update|Delete)Item$|^Batch(Get|Write)Item$|^Transact(Get|Write)Items$|^Query$|^Scan$/;

interface DynamodbOptions {
  /** Told when items may have changed, for whoever reads the streams. */
  onWrite(): void;
  /** Every answer tells the units that it took; what the caller gets stays the same. */
  metered: boolean;
}

/** Passes calls on to the engine as they came. */
export function dynamodbService(engineUrl: string, { onWrite, metered }: DynamodbOptions): AwsService {
  return {
    handle: async (call: AwsCall): Promise<AwsAnswer> => {
      const action = call.action ?? "";
      const isCounted = metered && counted.test(action);
      const response = await fetch(engineUrl, {
        method: "POST",
        headers: {
          "content-type": "application/x-amz-json-1.0",
          "x-amz-target": String(call.headers["x-amz-target"]),
          authorization: String(call.headers.authorization),
          "x-amz-date": String(call.headers["x-amz-date"]),
        },
        body: new Uint8Array(isCounted ? askForUnits(call.body) : call.body),
      });
      const answer = Buffer.from(await response.arrayBuffer());
      if (response.ok && writes.test(action)) onWrite();
      const contentType = { "content-type": "application/x-amz-json-1.0" };
      if (isCounted) return { status: response.status, headers: contentType, ...readUnits(action, call.body, answer) };
      const checksum = response.headers.get("x-amz-crc32");
      const headers = { ...contentType, ...(checksum === null ? {} : { "x-amz-crc32": checksum }) };
      return { status: response.status, headers, body: answer };
    },
  };
}
