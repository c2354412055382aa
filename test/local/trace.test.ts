import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { askForUnits, readUnits } from "../../local/aws/dynamodb/meter.ts";
import type { Application, Resource } from "../../local/template/application.ts";
import { openTrace } from "../../local/trace.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-trace-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const prepare = { ref: "Slipway-Prepare75E8D311", path: "Slipway/Prepare/Resource", attributes: {} } as Resource;
const application = { ofType: (type: string) => (type === "AWS::Lambda::Function" ? [prepare] : []) } as unknown as Application;
const lines = (file: string) =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("the trace of the local system", () => {
  it("calls a function by its construct name, whether it signs for AWS or for the cluster", () => {
    const file = join(folder, "trace.jsonl");
    const trace = openTrace(file, application);
    trace.onCall({ caller: prepare.ref, service: "eks", action: "GET /clusters/local", status: 200, milliseconds: 1.234 });
    const request = { verb: "get", resource: "pods", namespace: "n", name: "p", status: 200, milliseconds: 2 };
    trace.onRequest({ user: `arn:aws:sts::000000000000:assumed-role/Role/${prepare.ref}`, ...request });
    trace.onRequest({ user: "kubernetes-admin", ...request });
    trace.close();
    expect(lines(file).map(({ caller }) => caller)).toEqual(["Prepare", "Prepare", "kubernetes-admin"]);
    expect(lines(file)[0]).toMatchObject({ kind: "aws", milliseconds: 1.23, at: expect.stringMatching(/Z$/) });
  });

  it("goes on in a file that is there, and is silent after its end", () => {
    const file = join(folder, "trace.jsonl");
    for (const name of ["one", "two"]) {
      const trace = openTrace(file, application);
      const told = () => trace.onInvocation({ function: name, cold: true, milliseconds: 1, error: null });
      told();
      trace.close();
      told();
    }
    expect(lines(file).map((line) => line.function)).toEqual(["one", "two"]);
  });

  it("names the file that it cannot write", () => {
    const file = join(folder, "nowhere", "trace.jsonl");
    expect(() => openTrace(file, application)).toThrow(`--trace ${file} cannot be written`);
  });
});

describe("metered calls of DynamoDB", () => {
  const json = (value: object) => Buffer.from(JSON.stringify(value));

  it("give units, and to a caller who did not ask for them the answer without", () => {
    const request = json({ TableName: "record" });
    expect(JSON.parse(askForUnits(request).toString())).toEqual({ TableName: "record", ReturnConsumedCapacity: "TOTAL" });
    const answer = json({ Responses: {}, ConsumedCapacity: [{ CapacityUnits: 1.5 }, { CapacityUnits: 0.5 }] });
    const read = readUnits("BatchGetItem", request, answer);
    expect(read.units).toEqual({ read: 2, write: 0 });
    expect(JSON.parse(read.body.toString())).toEqual({ Responses: {} });
  });

  it("leave the answer of a caller who asked as it is", () => {
    const answer = json({ ConsumedCapacity: { CapacityUnits: 3 } });
    const read = readUnits("PutItem", json({ ReturnConsumedCapacity: "TOTAL" }), answer);
    expect(read).toEqual({ units: { read: 0, write: 3 }, body: answer });
  });

  it("say nothing of units when the service does not, as for a refused write", () => {
    expect(readUnits("PutItem", json({}), json({ __type: "ConditionalCheckFailedException" })).units).toBeNull();
  });
});
