// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of the template
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEngine } from "../../../local/aws/dynamodb/engine.ts";
import { type Aws, startAws } from "../../../local/aws/start.ts";
import { type FrontDoor, openFrontDoor } from "../../../local/front-door.ts";
import { ChildRegister } from "../../../local/storage/child-register.ts";
import { type Database, openDatabase } from "../../../local/storage/database.ts";
import { templateOf } from "../template-of.ts";

const functionsCode = join(import.meta.dirname, "..", "functions", "bundles");
const allow = (Action: string[], Resource: unknown) => ({ Effect: "Allow", Action, Resource });
const role = (...statements: object[]) => ({
  Type: "AWS::IAM::Role",
  Properties: {
    AssumeRolePolicyDocument: {
      Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
    },
    Policies: [
      { PolicyName: "own", PolicyDocument: { Statement: [allow(["logs:CreateLogStream", "logs:PutLogEvents"], "*"), ...statements] } },
    ],
  },
});
const lambda = (handler: string, roleName: string) => ({
  Type: "AWS::Lambda::Function",
  Properties: {
    ...{
      Runtime: "nodejs24.x",
      Handler: `aws-caller.${handler}`,
      Code: { S3Key: "code" },
      Role: { "Fn::GetAtt": [roleName, "Arn"] },
      Timeout: 20,
    },
    ...{ MemorySize: 256, Environment: { Variables: { TABLE: { Ref: "Table" }, BUCKET: { Ref: "Bucket" } } } },
  },
});
const arnOf = (name: string) => ({ "Fn::GetAtt": [name, "Arn"] });
const dlq = arnOf("Undelivered");

const resources = {
  Table: {
    Type: "AWS::DynamoDB::GlobalTable",
    Properties: {
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      StreamSpecification: { StreamViewType: "NEW_AND_OLD_IMAGES" },
    },
  },
  Bucket: { Type: "AWS::S3::Bucket" },
  Bus: { Type: "AWS::Events::EventBus", Properties: { Name: "slipway" } },
  Undelivered: { Type: "AWS::SQS::Queue" },
  CallerRole: role(
    allow(["dynamodb:PutItem"], arnOf("Table")),
    allow(["s3:PutObject"], { "Fn::Sub": "${Bucket.Arn}/allowed/*" }),
    allow(["events:PutEvents"], arnOf("Bus")),
  ),
  ListenerRole: role(
    allow(["dynamodb:PutItem"], arnOf("Table")),
    allow(["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"], { "Fn::GetAtt": ["Table", "StreamArn"] }),
    allow(["sqs:SendMessage"], dlq),
  ),
  Caller: lambda("handler", "CallerRole"),
  Listener: lambda("remember", "ListenerRole"),
  Refuser: lambda("refuse", "ListenerRole"),
  Heard: {
    Type: "AWS::Events::Rule",
    Properties: {
      EventBusName: { Ref: "Bus" },
      EventPattern: { source: ["test"], detail: { id: [{ exists: true }] } },
      Targets: [
        { Id: "a", Arn: arnOf("Listener") },
        { Id: "b", Arn: arnOf("Refuser") },
      ],
    },
  },
  MayHear: permission("Listener", "Heard"),
  MayRefuse: permission("Refuser", "Heard"),
  Patience: {
    Type: "AWS::Lambda::EventInvokeConfig",
    Properties: { FunctionName: { Ref: "Refuser" }, MaximumRetryAttempts: 0, DestinationConfig: { OnFailure: { Destination: dlq } } },
  },
  Stream: {
    Type: "AWS::Lambda::EventSourceMapping",
    Properties: {
      ...{ EventSourceArn: { "Fn::GetAtt": ["Table", "StreamArn"] }, FunctionName: { Ref: "Listener" }, StartingPosition: "TRIM_HORIZON" },
      FilterCriteria: { Filters: [{ Pattern: JSON.stringify({ dynamodb: { NewImage: { item_type: { S: ["EVENT"] } } } }) }] },
    },
  },
};

function permission(name: string, rule: string) {
  return {
    Type: "AWS::Lambda::Permission",
    Properties: { FunctionName: arnOf(name), Action: "lambda:InvokeFunction", Principal: "events.amazonaws.com", SourceArn: arnOf(rule) },
  };
}

let folder: string;
let door: FrontDoor;
let database: Database;
let aws: Aws;
let engine: Awaited<ReturnType<typeof startEngine>>;
const denied: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-aws-"));
  door = await openFrontDoor(0);
  engine = await startEngine(folder, new ChildRegister(folder));
  database = openDatabase(folder);
  await start();
}, 30_000);

async function start() {
  const origin = `http://127.0.0.1:${door.port}`;
  aws = await startAws({
    application: templateOf(resources, { origin, assets: { code: functionsCode } }),
    ...{ origin, database, engineUrl: engine.url, startExecution: () => {}, onDenied: (message) => denied.push(message) },
    cluster: () => ({ name: "local", endpoint: "https://127.0.0.1:1", certificateAuthority: "" }),
  });
  door.open("aws", aws.endpoint);
  aws.run();
}

afterAll(async () => {
  await aws?.stop();
  await engine?.stop();
  database?.close();
  await door?.close();
  rmSync(folder, { recursive: true, force: true });
});

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
const call = async (task: string, id: string): Promise<any> => (await aws.functions.invoke("App-Caller", { task, id })).payload;
const person = () => ({
  endpoint: `http://127.0.0.1:${door.port}/aws`,
  region: "us-east-1",
  credentials: { accessKeyId: "anything", secretAccessKey: "x" },
});
const stored = async (id: string) =>
  (await new DynamoDBClient(person()).send(new GetItemCommand({ TableName: "App-Table", Key: { pk: { S: id } } }))).Item;
const waiting = () =>
  database
    .prepare("SELECT body FROM queue_messages")
    .all()
    .map(({ body }) => JSON.parse(body as string));

describe("AWS on one machine, called by functions through the SDK", () => {
  it("lets a function do what its role allows, with each service's own answer", async () => {
    expect(await call("put", "one")).toMatchObject({ $metadata: { httpStatusCode: 200 } });
    expect(await call("transact", "two")).toMatchObject({ $metadata: { httpStatusCode: 200 } });
    expect(await call("store", "allowed/x")).toMatchObject({ ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/) });
    expect(await stored("two")).toMatchObject({ pk: { S: "two" } });
  });

  it("refuses what its role does not allow, names function, action and resource, and says so where the system was started", async () => {
    expect(await call("get", "one")).toEqual({
      refused: "AccessDeniedException",
      message: expect.stringContaining(
        "assumed-role/App-CallerRole/App-Caller is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:us-east-1:000000000000:table/App-Table",
      ),
    });
    expect(await call("store", "other/x")).toMatchObject({ refused: "AccessDenied", message: expect.stringContaining("s3:PutObject") });
    expect(denied).toEqual([expect.stringContaining("dynamodb:GetItem"), expect.stringContaining("s3:PutObject")]);
  });

  it("gives filtered records of the stream to the function that the mapping names", async () => {
    await call("put", "three");
    await expect.poll(() => stored("seen-three")).toMatchObject({ pk: { S: "seen-three" } });
    expect(await stored("seen-seen-three")).toBeUndefined();
  });

  it("takes an event from the bus to every target of a rule, and what fails there to its queue", async () => {
    expect(await call("publish", "four")).toMatchObject({ FailedEntryCount: 0 });
    await expect.poll(() => stored("heard-four")).toBeDefined();
    await expect.poll(waiting).toEqual([
      expect.objectContaining({
        requestContext: expect.objectContaining({ condition: "RetriesExhausted" }),
        requestPayload: expect.objectContaining({ source: "test", detail: { id: "four" } }),
        responsePayload: expect.objectContaining({ errorMessage: "this cannot be done" }),
      }),
    ]);
  });

  it("tells of each entry of PutEvents on its own", async () => {
    const Entries = [
      { EventBusName: "nowhere", Source: "test", DetailType: "Said", Detail: "{}" },
      { EventBusName: "slipway", Source: "other", DetailType: "Said", Detail: "not json" },
      { EventBusName: "slipway", Source: "other", DetailType: "Said", Detail: "{}" },
    ];
    const answer = await new EventBridgeClient(person()).send(new PutEventsCommand({ Entries }));
    expect(answer.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual(["ResourceNotFoundException", "MalformedDetail", undefined]);
  });

  it("loses nothing that was written while it was down", async () => {
    await aws.stop();
    const direct = new DynamoDBClient({ ...person(), endpoint: engine.url });
    await direct.send(new PutItemCommand({ TableName: "App-Table", Item: { pk: { S: "five" }, item_type: { S: "EVENT" } } }));
    await start();
    await expect.poll(() => stored("seen-five")).toBeDefined();
  });
});

describe("the one endpoint", () => {
  const post = (headers: Record<string, string>) =>
    fetch(`http://127.0.0.1:${door.port}/aws`, {
      method: "POST",
      headers: { "x-amz-target": "DynamoDB_20120810.ListTables", ...headers },
      body: "{}",
    });
  const signed = (service: string, signature = "0".repeat(64)) =>
    `AWS4-HMAC-SHA256 Credential=any/20261121/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=${signature}`;

  it("takes any credentials but none", async () => {
    const unsigned = await post({});
    expect(unsigned.status).toBe(403);
    expect(await unsigned.json()).toMatchObject({ __type: "MissingAuthenticationTokenException" });
    expect((await post({ authorization: signed("dynamodb") })).status).toBe(200);
  });

  it.each([
    ["a signature that is none", signed("dynamodb", "abc"), 400, "IncompleteSignatureException"],
    ["another scheme", "Bearer abc", 400, "IncompleteSignatureException"],
    ["a service that is not there", signed("kinesis"), 400, "UnknownOperationException"],
  ])("refuses %s", async (_name, authorization, status, type) => {
    const answer = await post({ authorization });
    expect([answer.status, ((await answer.json()) as { __type: string }).__type]).toEqual([status, type]);
  });

  it("refuses a function's key without its session token", async () => {
    const { AWS_ACCESS_KEY_ID } = aws.credentials.issue("arn:aws:iam::000000000000:role/App-CallerRole", "Caller");
    const answer = await post({ authorization: signed("dynamodb").replace("any", AWS_ACCESS_KEY_ID) });
    expect(await answer.json()).toMatchObject({ __type: "UnrecognizedClientException" });
  });
});

describe("at the start", () => {
  const without = (name: keyof typeof resources, removed: string) => {
    const text = JSON.stringify(resources[name]).replace(`"${removed}"`, '"x:None"');
    return templateOf({ ...resources, [name]: JSON.parse(text) }, { assets: { code: functionsCode } });
  };
  const starting = (application: ReturnType<typeof templateOf>) =>
    startAws({
      ...{ application, origin: "http://127.0.0.1:1", database, engineUrl: engine.url, startExecution: () => {}, onDenied: () => {} },
      cluster: () => ({ name: "local", endpoint: "", certificateAuthority: "" }),
    });

  it.each<[string, keyof typeof resources, string, string]>([
    ["a function that may not write its log", "CallerRole", "logs:PutLogEvents", "The log of"],
    [
      "a mapping whose function may not read the stream",
      "ListenerRole",
      "dynamodb:GetRecords",
      "event source mapping of App-Listener needs dynamodb:GetRecords",
    ],
    ["a destination to which the function may not send", "ListenerRole", "sqs:SendMessage", "needs sqs:SendMessage"],
    ["a role that Lambda may not assume", "CallerRole", "lambda.amazonaws.com", "does not let lambda.amazonaws.com assume it"],
    ["a rule that may not call its target", "MayHear", "events.amazonaws.com", "no AWS::Lambda::Permission for events.amazonaws.com"],
  ])("%s is refused, as it would fail on AWS", async (_name, resource, removed, message) => {
    await expect(starting(without(resource, removed))).rejects.toThrow(message);
  });
});
