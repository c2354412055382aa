import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { echoDeployment, writeEchoImage } from "./image.ts";
import { projectRoot, System } from "./system.ts";

const parts = ["bin", "lib", "lambdas", "domain", "contract", "statemachines", "local", "cdk.json", "package.json", "package-lock.json"];

/** Actions that a function is not permitted any more; its settings stay, so that only the permission is missing. */
const takenOut = { Prepare: ["eks:DescribeCluster"], ReadRecord: ["dynamodb:Query"] };
const permit = "this.addToRolePolicy(new PolicyStatement({ actions, resources }));";
const permitLess = `
    const lost = (${JSON.stringify(takenOut)} as Record<string, string[]>)[this.functionId] ?? [];
    const kept = actions.filter((action) => !lost.includes(action));
    if (kept.length > 0) this.addToRolePolicy(new PolicyStatement({ actions: kept, resources }));`;

let system: System;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-denied-"));
  const project = join(folder, "project");
  for (const part of parts) cpSync(join(projectRoot, part), join(project, part), { recursive: true });
  symlinkSync(join(projectRoot, "node_modules"), join(project, "node_modules"));
  takeGrantsOut(join(project, "lib", "toolkit", "service-function.ts"));
  system = await System.start(["--no-sample", "--images", await writeEchoImage(folder)], {}, project);
});
afterAll(async () => {
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

function takeGrantsOut(file: string): void {
  const text = readFileSync(file, "utf8");
  if (!text.includes(permit)) throw new Error(`${file} permits actions in other words now: ${permit} is not in it`);
  writeFileSync(file, text.replace(permit, permitLess));
}

/** What the console says of a function that was refused an action on a resource. */
const denied = (name: string, action: string, resource: string): RegExp =>
  new RegExp(`^denied: .*${name}.* is not authorized to perform: ${action} on resource: \\S*${resource}`, "m");

describe("a grant that is missing in the template", () => {
  it("fails the operation that needs it, with the cause, and the console names function, action and resource", async () => {
    const { status, body } = await system.call("POST", "/v1/deployments", { body: echoDeployment("denied") });
    expect(status).toBe(202);
    const operation = await endOf(body.operation.id);
    expect(operation).toMatchObject({ outcome: "FAILED", cause: { message: expect.stringContaining("AccessDenied") } });
    expect(system.output).toMatch(denied("Prepare", "eks:DescribeCluster", "cluster/local"));
  });

  it("fails the request that needs it, without a word about our insides to the caller", async () => {
    const { status, body, headers } = await system.call("GET", "/v1/deployments");
    expect([status, headers.get("content-type")]).toEqual([500, "application/problem+json"]);
    expect(body).toMatchObject({ code: "internal", request_id: expect.stringMatching(/./) });
    expect(JSON.stringify(body)).not.toMatch(/dynamodb|arn:|denied/i);
    expect(system.output).toMatch(denied("ReadRecord", "dynamodb:Query", "RecordTable"));
  });
});

/** ReadRecord cannot be asked here: the state tells of the operation, too. */
async function endOf(operationId: string) {
  const state = async () => (await system.call("GET", "/v1/deployments/denied/state")).body;
  await system.until("the operation has ended", async () => !(await state()).operation);
  const { last_operation } = await state();
  expect(last_operation.id).toBe(operationId);
  return last_operation;
}
