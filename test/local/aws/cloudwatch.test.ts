import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cloudWatchAlarms } from "../../../lambdas/adapters/cloudwatch-alarms.ts";
import { jsonCalls } from "../../../lambdas/runtime/aws-json.ts";
import { cloudwatchService } from "../../../local/aws/cloudwatch/service.ts";
import { AlarmStore } from "../../../local/aws/cloudwatch/store.ts";
import { Credentials } from "../../../local/aws/credentials.ts";
import { awsEndpoint, type CallRecord } from "../../../local/aws/endpoint.ts";
import { Roles } from "../../../local/iam/roles.ts";
import { type Database, openDatabase } from "../../../local/storage/database.ts";
import { clientAt } from "../../doubles/aws-calls.ts";
import { templateOf } from "../template-of.ts";

const role = (Action: string, Resource: unknown) => ({
  Type: "AWS::IAM::Role",
  Properties: { Policies: [{ PolicyName: "own", PolicyDocument: { Statement: [{ Effect: "Allow", Action, Resource }] } }] },
});
const roles = new Roles(
  templateOf({
    Bake: role("cloudwatch:DescribeAlarms", "*"),
    Narrow: role("cloudwatch:DescribeAlarms", "arn:aws:cloudwatch:us-east-1:000000000000:alarm:*"),
    Setter: role("cloudwatch:SetAlarmState", "arn:aws:cloudwatch:us-east-1:000000000000:alarm:mine-*"),
  }),
);

let folder: string;
let database: Database;
let server: Server;
let endpoint: string;
let calls: CallRecord[];
const credentials = new Credentials();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-cloudwatch-"));
  calls = [];
  await start();
});
afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start() {
  database = openDatabase(folder);
  const services = { monitoring: cloudwatchService(new AlarmStore(database)) };
  const shared = { credentials, roles, tableKeys: new Map(), services, onDenied: () => {} };
  const handler = awsEndpoint({ ...shared, onCall: (call) => calls.push(call) });
  server = createServer((request, response) => void handler(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/aws`;
}
async function stop() {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  database.close();
}

/** As somebody of the template, or as the person at the keyboard. */
function client(name?: string): CloudWatchClient {
  return new CloudWatchClient({ endpoint, region: "us-east-1", credentials: keysOf(name), maxAttempts: 1 });
}
function keysOf(name?: string) {
  const issued = name && credentials.issue(`arn:aws:iam::000000000000:role/App-${name}`, name);
  return issued
    ? { accessKeyId: issued.AWS_ACCESS_KEY_ID, secretAccessKey: issued.AWS_SECRET_ACCESS_KEY, sessionToken: issued.AWS_SESSION_TOKEN }
    : { accessKeyId: "anything", secretAccessKey: "x" };
}
const metric = (AlarmName: string) =>
  client().send(
    new PutMetricAlarmCommand({
      ...{ AlarmName, Namespace: "Fraud", MetricName: "Drift", Statistic: "Average", Period: 60, EvaluationPeriods: 1 },
      ...{ Threshold: 0.5, ComparisonOperator: "GreaterThanThreshold", Dimensions: [{ Name: "model", Value: "card-fraud" }] },
    }),
  );
const composite = (AlarmName: string) => client().send(new PutCompositeAlarmCommand({ AlarmName, AlarmRule: 'ALARM("drift")' }));
const set = (AlarmName: string, StateValue: "OK" | "ALARM", who = client()) =>
  who.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: "a test" }));

describe("alarms", () => {
  it("begin without data, hold the state that they are set to, also when they are put again and after a restart", async () => {
    await metric("drift");
    const described = async () => (await client().send(new DescribeAlarmsCommand({ AlarmNames: ["drift"] }))).MetricAlarms?.[0];
    expect(await described()).toMatchObject({ StateValue: "INSUFFICIENT_DATA", ActionsEnabled: true, AlarmActions: [] });
    await set("drift", "ALARM");
    await metric("drift");
    await stop();
    await start();
    expect(await described()).toMatchObject({
      ...{
        AlarmName: "drift",
        AlarmArn: "arn:aws:cloudwatch:us-east-1:000000000000:alarm:drift",
        StateValue: "ALARM",
        StateReason: "a test",
      },
      ...{ Threshold: 0.5, Dimensions: [{ Name: "model", Value: "card-fraud" }], StateUpdatedTimestamp: expect.any(Date) },
    });
  });

  it("are told by type: without one only those of a metric", async () => {
    await metric("drift");
    await composite("any");
    const names = async (AlarmTypes?: ("MetricAlarm" | "CompositeAlarm")[]) => {
      const { MetricAlarms = [], CompositeAlarms = [] } = await client().send(new DescribeAlarmsCommand({ AlarmTypes }));
      return [...MetricAlarms, ...CompositeAlarms].map(({ AlarmName }) => AlarmName);
    };
    expect(await names()).toEqual(["drift"]);
    expect(await names(["CompositeAlarm"])).toEqual(["any"]);
    expect(await names(["CompositeAlarm", "MetricAlarm"])).toEqual(["drift", "any"]);
  });

  it("are told by prefix and state, in pages", async () => {
    for (const name of ["a-1", "a-2", "a-3", "b-1"]) await metric(name);
    await set("a-2", "OK");
    const first = await client().send(new DescribeAlarmsCommand({ AlarmNamePrefix: "a-", MaxRecords: 2 }));
    expect(first.MetricAlarms?.map(({ AlarmName }) => AlarmName)).toEqual(["a-1", "a-2"]);
    const second = await client().send(new DescribeAlarmsCommand({ AlarmNamePrefix: "a-", MaxRecords: 2, NextToken: first.NextToken }));
    expect([second.MetricAlarms?.map(({ AlarmName }) => AlarmName), second.NextToken]).toEqual([["a-3"], undefined]);
    const fine = await client().send(new DescribeAlarmsCommand({ StateValue: "OK" }));
    expect(fine.MetricAlarms?.map(({ AlarmName }) => AlarmName)).toEqual(["a-2"]);
  });

  it("are deleted all or none", async () => {
    await metric("one");
    await metric("two");
    const remove = (...AlarmNames: string[]) => client().send(new DeleteAlarmsCommand({ AlarmNames }));
    await expect(remove("one", "three")).rejects.toMatchObject({ name: "ResourceNotFound" });
    await remove("two");
    expect((await client().send(new DescribeAlarmsCommand({}))).MetricAlarms?.map(({ AlarmName }) => AlarmName)).toEqual(["one"]);
  });

  it.each<[string, () => Promise<unknown>, string, number]>([
    ["a state of no alarm", () => set("nothing", "OK"), "ResourceNotFound", 404],
    ["a state that there is not", () => set("nothing", "FINE" as never), "ValidationException", 400],
    [
      "more names than a request may hold",
      () => client().send(new DescribeAlarmsCommand({ AlarmNames: names(101) })),
      "ValidationException",
      400,
    ],
    ["a token of somebody else", () => client().send(new DescribeAlarmsCommand({ NextToken: "no token" })), "InvalidNextToken", 400],
    [
      "an alarm without a rule",
      () => client().send(new PutCompositeAlarmCommand({ AlarmName: "a", AlarmRule: "" })),
      "MissingRequiredParameterException",
      400,
    ],
    [
      "names and a prefix",
      () => client().send(new DescribeAlarmsCommand({ AlarmNames: ["a"], AlarmNamePrefix: "a" })),
      "InvalidParameterCombinationException",
      400,
    ],
  ])("refuse %s", async (_what, calling, name, status) => {
    await expect(calling()).rejects.toMatchObject({ name, $metadata: { httpStatusCode: status } });
  });
});

const names = (count: number) => Array.from({ length: count }, (_, index) => `alarm-${String(index).padStart(3, "0")}`);

describe("the adapter", () => {
  const states = (wanted: string[], who = "Bake") => {
    const call = jsonCalls(clientAt(endpoint, "CLOUDWATCH", keysOf(who)), { version: "1.0", target: "GraniteServiceVersion20100801" });
    return cloudWatchAlarms(call).states(wanted);
  };

  it("tells the state of metric and composite alarms by name, and leaves out what is not there", async () => {
    await metric("drift");
    await metric("quiet");
    await composite("any");
    await set("drift", "ALARM");
    await set("any", "OK");
    expect(await states(["drift", "any", "quiet", "gone"])).toEqual({ drift: "ALARM", any: "OK", quiet: "INSUFFICIENT_DATA" });
  });

  it("asks nobody for nothing", async () => {
    expect(await states([])).toEqual({});
    expect(calls).toEqual([]);
  });

  it("asks for at most a hundred names at once, and for every page", async () => {
    const store = new AlarmStore(database);
    for (const name of names(120)) store.put("MetricAlarm", name, { AlarmName: name });
    expect(Object.keys(await states([...names(120), "alarm-000"]))).toEqual(names(120));
    // 100 names are two pages of fifty, 20 names are one.
    expect(calls.map(({ action, status }) => [action, status])).toEqual(Array.from({ length: 3 }, () => ["DescribeAlarms", 200]));
  });

  it.each(["Narrow", "Setter"])("needs the right to describe all alarms: %s has not", async (who) => {
    await expect(states(["drift"], who)).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining("is not authorized to perform: cloudwatch:DescribeAlarms on resource: *"),
    });
  });
});

describe("roles", () => {
  it("may set the state of the alarms that they name", async () => {
    await metric("mine-1");
    await metric("other");
    await set("mine-1", "ALARM", client("Setter"));
    await expect(set("other", "ALARM", client("Setter"))).rejects.toThrow(
      "cloudwatch:SetAlarmState on resource: arn:aws:cloudwatch:us-east-1:000000000000:alarm:other",
    );
  });
});

describe("clients that speak Query", () => {
  const scope = "Credential=anything/20260101/us-east-1/monitoring/aws4_request";
  const authorization = `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=${"0".repeat(64)}`;
  const post = async (form: Record<string, string>) => {
    const body = new URLSearchParams({ Version: "2010-08-01", ...form });
    const answer = await fetch(endpoint, { method: "POST", headers: { authorization }, body });
    return [answer.status, await answer.text()] as const;
  };

  it("put, set and read alarms by forms and XML", async () => {
    const alarm = {
      AlarmName: "a&b",
      EvaluationPeriods: "2",
      ComparisonOperator: "GreaterThanThreshold",
      Threshold: "1.5",
      ActionsEnabled: "false",
    };
    const dimension = { "Dimensions.member.1.Name": "model", "Dimensions.member.1.Value": "iris" };
    expect(await post({ Action: "PutMetricAlarm", ...alarm, ...dimension })).toEqual([
      200,
      expect.stringContaining("<PutMetricAlarmResult>"),
    ]);
    await post({ Action: "SetAlarmState", AlarmName: "a&b", StateValue: "OK", StateReason: "a test" });
    const [status, xml] = await post({ Action: "DescribeAlarms", "AlarmNames.member.1": "a&b", "AlarmNames.member.2": "none" });
    expect(status).toBe(200);
    expect(xml).toContain("<MetricAlarms><member>");
    expect(xml).toContain("<AlarmName>a&amp;b</AlarmName>");
    expect(xml).toContain("<Dimensions><member><Name>model</Name><Value>iris</Value></member></Dimensions>");
    expect(xml).toMatch(/<StateUpdatedTimestamp>\d{4}-\d\d-\d\dT[\d:.]+Z</);
    const [read] = (await client().send(new DescribeAlarmsCommand({ AlarmNames: ["a&b"] }))).MetricAlarms ?? [];
    expect(read).toMatchObject({ Threshold: 1.5, EvaluationPeriods: 2, ActionsEnabled: false, StateValue: "OK" });
  });

  it("are refused by the names that they know", async () => {
    const [status, xml] = await post({ Action: "SetAlarmState", AlarmName: "a", StateValue: "FINE", StateReason: "x" });
    expect([status, xml]).toEqual([400, expect.stringContaining("<Code>ValidationError</Code>")]);
    expect(await post({ Action: "PutDashboard" })).toEqual([400, expect.stringContaining("cloudwatch:PutDashboard")]);
  });
});
