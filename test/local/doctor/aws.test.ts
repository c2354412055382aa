import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, test } from "vitest";
import { localConfiguration, placeholders } from "../../../local/configuration.ts";
import type { Finding } from "../../../local/doctor/finding.ts";
import { projectRoot, System } from "../system/system.ts";

let system: System;
beforeAll(async () => {
  system = await System.start();
});
afterAll(() => system?.stop());

/** Nothing of this machine's own account comes in. */
const nobody = { PATH: process.env.PATH, HOME: "/nowhere", AWS_EC2_METADATA_DISABLED: "true" };
const person = { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };
const here = () => ({ ...nobody, ...person, AWS_ENDPOINT_URL: `${system.url}/aws` });
const configuration = () =>
  JSON.stringify(localConfiguration()).replaceAll(placeholders.gateway, system.url).replaceAll(placeholders.origin, system.url);

/** `npm run doctor`: its code and what it said. */
async function doctor(words: string[], env: NodeJS.ProcessEnv): Promise<{ code: number; said: string; told: string }> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", join(projectRoot, "bin", "doctor.ts"), ...words], {
    ...{ env, stdio: ["ignore", "pipe", "pipe"], cwd: projectRoot },
  });
  let [said, told] = ["", ""];
  child.stdout.on("data", (piece) => (said += piece));
  child.stderr.on("data", (piece) => (told += piece));
  const [code] = await once(child, "close");
  return { code, said, told };
}

it("examines an account by the protocols of its services, and finds what is deployed there as it was deployed", async () => {
  const { code, said, told } = await doctor(["--aws", "--json"], { ...here(), SLIPWAY_CONFIGURATION: configuration() });
  expect(told).toBe("");
  const { findings } = JSON.parse(said) as { findings: Finding[] };
  const found = new Map(findings.map(({ check, ...finding }) => [check, finding]));
  const wrong = findings.filter(({ outcome }) => ["broken", "unknown"].includes(outcome));
  // The local node is told its images by a catalogue, and tells none.
  expect(wrong.map(({ check }) => check)).toEqual(["local: images"]);
  expect(found.get("account")).toMatchObject({ given: "000000000000 in us-east-1, as arn:aws:iam::000000000000:root" });
  expect(found.get("stack")).toMatchObject({ given: "Slipway is CREATE_COMPLETE" });
  expect(found.get("outputs")).toMatchObject({ given: expect.stringContaining(`ApiUrl ${system.url}`) });
  expect(found.get("local: access entries")).toMatchObject({ given: expect.stringMatching(/^all \d+ of the functions' roles/) });
  expect(found.get("local: logs")).toMatchObject({ given: expect.stringContaining("/aws/containerinsights/local/application") });
  expect(found.get("local: bootstrap")).toMatchObject({ outcome: "fine" });
  expect(found.get("local: gateway")).toMatchObject({ given: "slipway-gateway/slipway is programmed, by the class slipway-local" });
  expect(code).toBe(0);
});

it("tells a stack and a cluster that the account does not have", async () => {
  const elsewhere = configuration().replaceAll('"local"', '"elsewhere"');
  const { code, said } = await doctor(["--aws", "--stack", "Other"], { ...here(), SLIPWAY_CONFIGURATION: elsewhere });
  expect(said).toContain("BROKEN   stack: there is no stack Other in this region\n         do: npm run deploy");
  expect(said).toContain("BROKEN   elsewhere: cluster: there is no cluster elsewhere in this region: there are local");
  expect(code).toBe(1);
});

test.each([
  ["no region", {}, "account: no region is named", "AWS_REGION="],
  ["no credentials", { AWS_REGION: "us-east-1" }, "account: there are no credentials", "aws sso login"],
  ["nobody who answers", { ...person, AWS_ENDPOINT_URL: "http://127.0.0.1:1" }, "account: STS does not answer", "AWS_ENDPOINT_URL"],
])("says without an account what it could not ask, and how to give it: %s", async (_what, env, given, todo) => {
  const { code, said } = await doctor(["--aws"], { ...nobody, ...env });
  expect(said).toContain(`BROKEN   ${given}`);
  expect(said).toContain(todo);
  expect(said).toContain("unknown  stack: not asked");
  expect(said).toContain("unknown  slipway: cluster: not asked");
  expect(code).toBe(1);
});

test.each([
  [["--aws", "--context", "other"], "--context is about the cluster of a kubeconfig"],
  [["--stack", "Other"], "--stack is about an AWS account: ask with --aws"],
])("refuses words that do not go together: %j", async (words, message) => {
  const { code, told } = await doctor(words, nobody);
  expect(told).toContain(message);
  expect(code).toBe(2);
});
