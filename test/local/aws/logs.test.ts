import { DatabaseSync } from "node:sqlite";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  type GetLogEventsCommandInput,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { logsService } from "../../../local/aws/logs/service.ts";
import { LogStore } from "../../../local/aws/logs/store.ts";
import { type Endpoint, failure, serveAws } from "./support/endpoint.ts";

const begin = Date.now() - 3_600_000;
const logGroupName = "/app/log";
const logStreamName = "one";

let endpoint: Endpoint;
let logs: CloudWatchLogsClient;
beforeEach(async () => {
  endpoint = await serveAws({ logs: logsService(new LogStore(new DatabaseSync(":memory:"))) });
  logs = new CloudWatchLogsClient(endpoint.client);
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
});
afterEach(() => {
  logs.destroy();
  endpoint.close();
});

/** One line each millisecond. */
const write = (messages: string[], stream = logStreamName) =>
  logs.send(
    new PutLogEventsCommand({
      ...{ logGroupName, logStreamName: stream },
      logEvents: messages.map((message, index) => ({ timestamp: begin + index, message })),
    }),
  );
const numbers = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}`);
const get = async (more: Partial<GetLogEventsCommandInput> = {}) => {
  const { events = [], ...tokens } = await logs.send(new GetLogEventsCommand({ logGroupName, logStreamName, ...more }));
  return { messages: events.map(({ message }) => message), ...tokens };
};

describe("the lines of a stream", () => {
  it("are the latest, unless they are to begin at the head", async () => {
    await write(numbers(5));
    expect((await get({ limit: 2 })).messages).toEqual(["line 3", "line 4"]);
    expect((await get({ limit: 2, startFromHead: true })).messages).toEqual(["line 0", "line 1"]);
  });

  it("go on in both ways, until a token comes back as it was given", async () => {
    await write(numbers(5));
    const last = await get({ limit: 2 });
    const middle = await get({ limit: 2, nextToken: last.nextBackwardToken });
    const first = await get({ limit: 2, nextToken: middle.nextBackwardToken });
    const none = await get({ limit: 2, nextToken: first.nextBackwardToken });
    expect([middle, first, none].map(({ messages }) => messages)).toEqual([["line 1", "line 2"], ["line 0"], []]);
    expect(none.nextBackwardToken).toBe(first.nextBackwardToken);
    expect((await get({ limit: 2, nextToken: first.nextForwardToken })).messages).toEqual(["line 1", "line 2"]);
    const end = await get({ nextToken: last.nextForwardToken, startFromHead: true });
    expect(end).toMatchObject({ messages: [], nextForwardToken: last.nextForwardToken });
  });

  it("are followed from an empty stream on", async () => {
    const { nextForwardToken } = await get();
    await write(numbers(1));
    expect((await get({ nextToken: nextForwardToken })).messages).toEqual(["line 0"]);
  });

  it("are those from the start of a time to before its end", async () => {
    await write(numbers(5));
    expect((await get({ startTime: begin + 1, endTime: begin + 3 })).messages).toEqual(["line 1", "line 2"]);
  });

  it("are not told of a stream or group that is not there, nor by a token of something else", async () => {
    expect(await failure(get({ logStreamName: "other" }))).toBe("ResourceNotFoundException");
    expect(await failure(get({ logGroupName: "/other" }))).toBe("ResourceNotFoundException");
    expect(await failure(get({ nextToken: "mine" }))).toBe("InvalidParameterException");
    expect(await failure(get({ limit: 0 }))).toBe("InvalidParameterException");
  });
});

describe("what is written", () => {
  it("must be in order and not empty", async () => {
    const put = (...logEvents: { timestamp: number; message: string }[]) =>
      failure(logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents })));
    expect(await put({ timestamp: begin + 1, message: "b" }, { timestamp: begin, message: "a" })).toBe("InvalidParameterException");
    expect(await put({ timestamp: begin, message: "" })).toBe("InvalidParameterException");
    expect(await put()).toBe("InvalidParameterException");
    expect((await get()).messages).toEqual([]);
  });

  it("is kept where it is neither too old nor too new, and told of else", async () => {
    const days = 86_400_000;
    const logEvents = [-20 * days, -15 * days, 0, days].map((later) => ({ timestamp: begin + later, message: `${later / days} days` }));
    const { rejectedLogEventsInfo } = await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
    expect(rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 2, tooNewLogEventStartIndex: 3 });
    expect((await get()).messages).toEqual(["0 days"]);
  });
});

describe("a search", () => {
  const search = async (more: object) => {
    const { events = [], nextToken } = await logs.send(new FilterLogEventsCommand({ logGroupName, ...more }));
    return { messages: events.map(({ message }) => message), nextToken };
  };

  it("gives as many as are wanted, of those that it is for, page by page", async () => {
    await write(numbers(100).map((line, index) => (index % 10 === 0 ? `${line} rare` : line)));
    const first = await search({ filterPattern: "rare", limit: 4 });
    const second = await search({ filterPattern: "rare", limit: 4, nextToken: first.nextToken });
    const third = await search({ filterPattern: "rare", limit: 4, nextToken: second.nextToken });
    const found = [...first.messages, ...second.messages, ...third.messages];
    expect(found).toEqual(Array.from({ length: 10 }, (_, index) => `line ${index * 10} rare`));
    expect(third.nextToken).toBeUndefined();
    expect(await search({ limit: 100 })).toMatchObject({ nextToken: undefined, messages: { length: 100 } });
  });

  it("is of the streams that are named, to the end of a time", async () => {
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: "two" }));
    await write(numbers(3));
    await write(["other"], "two");
    expect((await search({ logStreamNames: ["two"] })).messages).toEqual(["other"]);
    expect((await search({ logStreamNamePrefix: "o", endTime: begin + 1 })).messages).toEqual(["line 0", "line 1"]);
    expect(await failure(search({ logStreamNames: ["two"], logStreamNamePrefix: "o" }))).toBe("InvalidParameterException");
  });
});

describe("groups and streams", () => {
  it("are made once, by names that may be", async () => {
    const create = (name: string, more = {}) => failure(logs.send(new CreateLogGroupCommand({ logGroupName: name, ...more })));
    expect(await create(logGroupName)).toBe("ResourceAlreadyExistsException");
    expect(await create("a b")).toBe("InvalidParameterException");
    expect(await create("/kept", { kmsKeyId: "arn:aws:kms:us-east-1:000000000000:key/k" })).toBe("InvalidParameterException");
    expect(await failure(logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName })))).toBe("ResourceAlreadyExistsException");
    expect(await failure(logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: "a:b" })))).toBe("InvalidParameterException");
  });

  it("are listed page by page", async () => {
    for (const name of ["/app/b", "/app/a", "/other"]) await logs.send(new CreateLogGroupCommand({ logGroupName: name }));
    const list = (more: object) => logs.send(new DescribeLogGroupsCommand(more));
    const first = await list({ logGroupNamePrefix: "/app", limit: 2 });
    const second = await list({ logGroupNamePrefix: "/app", limit: 2, nextToken: first.nextToken });
    expect([first, second].map((page) => page.logGroups?.map((group) => group.logGroupName))).toEqual([["/app/a", "/app/b"], ["/app/log"]]);
    expect(second.nextToken).toBeUndefined();
    expect(first.logGroups?.[0]?.arn).toBe("arn:aws:logs:us-east-1:000000000000:log-group:/app/a:*");
    expect((await list({ logGroupNamePattern: "the" })).logGroups?.map((group) => group.logGroupName)).toEqual(["/other"]);
    expect(await failure(list({ limit: 51 }))).toBe("InvalidParameterException");
  });

  it("are listed by name, or by their last line", async () => {
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: "two" }));
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: "three" }));
    await write(numbers(2));
    await write(numbers(5), "two");
    const list = async (more: object) => {
      const { logStreams = [], nextToken } = await logs.send(new DescribeLogStreamsCommand({ logGroupName, ...more }));
      return { names: logStreams.map((stream) => stream.logStreamName), nextToken };
    };
    expect((await list({})).names).toEqual(["one", "three", "two"]);
    const newest = await list({ orderBy: "LastEventTime", descending: true, limit: 2 });
    expect(newest.names).toEqual(["two", "one"]);
    expect((await list({ orderBy: "LastEventTime", descending: true, limit: 2, nextToken: newest.nextToken })).names).toEqual(["three"]);
    expect(await failure(list({ orderBy: "LastEventTime", logStreamNamePrefix: "t" }))).toBe("InvalidParameterException");
  });
});
