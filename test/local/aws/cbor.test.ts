import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cborHeaders, decodeCbor, encodeCbor, Instant } from "../../../local/aws/cbor.ts";
import { cloudwatchService } from "../../../local/aws/cloudwatch/service.ts";
import { AlarmStore } from "../../../local/aws/cloudwatch/store.ts";
import { type Endpoint, serveAws } from "./support/endpoint.ts";

/** Examples of RFC 8949, Appendix A. */
const examples: [string, unknown][] = [
  ["00", 0],
  ["17", 23],
  ["1818", 24],
  ["1903e8", 1000],
  ["1a000f4240", 1_000_000],
  ["1b000000e8d4a51000", 1_000_000_000_000],
  ["20", -1],
  ["3903e7", -1000],
  ["fb3ff199999999999a", 1.1],
  ["fbc010666666666666", -4.1],
  ["f4", false],
  ["f5", true],
  ["f6", null],
  ["60", ""],
  ["6449455446", "IETF"],
  ["62c3bc", "ü"],
  ["80", []],
  ["98190102030405060708090a0b0c0d0e0f101112131415161718181819", Array.from({ length: 25 }, (_, index) => index + 1)],
  ["a0", {}],
  ["a26161016162820203", { a: 1, b: [2, 3] }],
];

describe("CBOR", () => {
  it.each(examples)("%s", (hex, value) => {
    expect(decodeCbor(Buffer.from(hex, "hex"))).toEqual(value);
    expect(encodeCbor(value).toString("hex")).toBe(hex);
  });

  it.each<[string, unknown]>([
    ["f93e00", 1.5],
    ["f9c400", -4],
    ["f90001", 2 ** -24],
    ["fa47c35000", 100_000],
    ["c11a514b67b0", 1_363_896_240],
    ["c1fb41d452d9ec200000", 1_363_896_240.5],
    ["4401020304", Buffer.of(1, 2, 3, 4).toString("base64")],
    ["9f018202039f0405ffff", [1, [2, 3], [4, 5]]],
    ["bf61610161629f0203ffff", { a: 1, b: [2, 3] }],
    ["7f657374726561646d696e67ff", "streaming"],
  ])("%s is read, too", (hex, value) => {
    expect(decodeCbor(Buffer.from(hex, "hex"))).toEqual(value);
  });

  it("has a tag for times, and nothing for what is undefined", () => {
    expect(encodeCbor(new Instant(1_363_896_240.5)).toString("hex")).toBe("c1fb41d452d9ec200000");
    expect(encodeCbor({ a: 1, b: undefined }).toString("hex")).toBe("a1616101");
  });

  it.each(["", "18", "62c3", "9affffffff", "a1", "ff", "f0", "0000", "c249010000000000000000", "1c"])(
    "%s is none that is understood",
    (hex) => {
      expect(() => decodeCbor(Buffer.from(hex, "hex"))).toThrow(expect.objectContaining({ name: "SerializationException" }));
    },
  );
});

describe("CloudWatch", () => {
  let endpoint: Endpoint;
  beforeAll(async () => {
    endpoint = await serveAws({ monitoring: cloudwatchService(new AlarmStore(new DatabaseSync(":memory:"))) });
  });
  afterAll(() => endpoint?.close());

  async function call(action: string, input: object) {
    const path = `/service/GraniteServiceVersion20100801/operation/${action}`;
    const answer = await endpoint.send("monitoring", { path, headers: cborHeaders, body: encodeCbor(input) });
    expect(answer.headers.get("smithy-protocol")).toBe("rpc-v2-cbor");
    const body = decodeCbor(Buffer.from(await answer.arrayBuffer())) as Record<string, unknown>;
    return { status: answer.status, query: answer.headers.get("x-amzn-query-error"), ...body };
  }

  it("speaks it to clients that do", async () => {
    const alarm = { AlarmName: "drift", EvaluationPeriods: 1, Threshold: 0.5, ComparisonOperator: "GreaterThanThreshold" };
    expect(await call("PutMetricAlarm", alarm)).toMatchObject({ status: 200 });
    await call("SetAlarmState", { AlarmName: "drift", StateValue: "ALARM", StateReason: "true" });
    const { MetricAlarms } = (await call("DescribeAlarms", { AlarmNames: ["drift"] })) as unknown as { MetricAlarms: object[] };
    expect(MetricAlarms).toEqual([expect.objectContaining({ ...alarm, StateReason: "true", StateUpdatedTimestamp: expect.any(Number) })]);
    expect(await call("SetAlarmState", { AlarmName: "none", StateValue: "OK", StateReason: "r" })).toMatchObject({
      ...{ status: 404, __type: "ResourceNotFound", query: "ResourceNotFound;Sender" },
    });
    expect(await call("PutMetricData", {})).toMatchObject({ status: 400, message: expect.stringContaining("PutMetricData") });
  });
});
