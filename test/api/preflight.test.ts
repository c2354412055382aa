import { describe, expect, it } from "vitest";
import { answers } from "../../contract/answers.ts";
import { WorkflowError } from "../../domain/errors.ts";
import type { Finding } from "../../domain/finding.ts";
import { preflight } from "../../lambdas/preflight/preflight.ts";
import { aHead, aRevision } from "../doubles/deployments.ts";
import { installation } from "../doubles/installation.ts";
import { MemoryCluster } from "../doubles/memory-cluster.ts";

const body = (over: object = {}) => ({
  ...{ group: "fraud", name: "Card scorer", environment: "production", access: "public" },
  ...{ predictor: { runtime: "onnx", model_uri: "s3://models/card/1" }, ...over },
});
const dry = { query: { dry_run: "true" }, headers: { "idempotency-key": "k" } };
const of = (findings: Finding[]) => Object.fromEntries(findings.map(({ check, outcome }) => [check, outcome]));
const question = { deployment: aHead(), revision: aRevision(1), serving_epoch: null };

describe("a dry run", () => {
  it("answers findings and leaves nothing, not even its key", async () => {
    const system = installation();
    const answer = await system.member("POST /v1/deployments", { body: body(), ...dry });
    expect(answer.status).toBe(200);
    expect(answers.Preflight.safeParse(answer.body).error).toBeUndefined();
    expect(of(answer.body.findings)).toMatchObject({
      schema: "passed",
      name: "passed",
      capacity: "failed",
      gateway: "failed",
      artifact: "unknown",
    });
    expect(await system.record.uidOf("card-scorer")).toBeUndefined();
    expect(await system.record.idempotent("ada", "k")).toBeUndefined();
    expect(system.workflows.executions.size).toBe(0);
  });

  it("finds a model version that is not there, and an id that is taken", async () => {
    const system = installation();
    await system.member("POST /v1/deployments", { body: body({ start: false }) });
    const missing = { predictor: { runtime: "onnx", model: { name: "rose", version: 1 } } };
    const { findings } = (await system.member("POST /v1/deployments", { body: body(missing), ...dry })).body;
    expect(of(findings)).toMatchObject({ name: "failed", model: "failed", cluster: "unknown" });
  });

  it("of an update leaves the version and the revisions, and refuses what the update would refuse", async () => {
    const system = installation();
    await system.member("POST /v1/deployments", { body: body({ start: false }) });
    const on = { parameters: { id: "card-scorer" }, query: dry.query };
    const before = await system.record.head((await system.record.uidOf("card-scorer")) as string);
    const answer = await system.member("PATCH /v1/deployments/{id}", { ...on, body: { description: "next" } });
    expect([answer.status, of(answer.body.findings)]).toMatchObject([200, { schema: "passed", cluster: "passed" }]);
    expect(answers.StoredDeploymentOrPreflight.safeParse(answer.body).error).toBeUndefined();
    expect((await system.member("PATCH /v1/deployments/{id}", { ...on, body: {} })).body.findings).toHaveLength(1);
    expect((await system.viewer("PATCH /v1/deployments/{id}", { ...on, body: {} })).status).toBe(403);
    expect((await system.member("PATCH /v1/deployments/{id}", { ...on, body: { name: "other" } })).status).toBe(400);
    expect((await system.member("PATCH /v1/deployments/{id}", { ...on, body: {}, headers: { "if-match": '"99"' } })).status).toBe(412);
    expect(await system.record.head(before?.uid as string)).toEqual(before);
  });
});

describe("the cluster's part", () => {
  const never = () => new Promise<void>(() => {});

  it("says that a cluster cannot be reached, and guesses nothing of it", async () => {
    const cluster = new MemoryCluster();
    const unreachable = () => Promise.reject(new WorkflowError("ClusterUnavailable", "Timeout", "no answer from 10.0.0.1"));
    Object.assign(cluster, { get: unreachable, list: unreachable, create: unreachable });
    const found = await preflight(question, { clusters: async () => cluster, after: never });
    const { cluster: reached, artifact, ...others } = of(found);
    expect([reached, artifact, new Set(Object.values(others))]).toEqual(["failed", "unknown", new Set(["unknown"])]);
    expect(found[0]?.message).toContain("no answer from 10.0.0.1");
  });

  it("waits no longer than it may", async () => {
    const cluster = new MemoryCluster();
    Object.assign(cluster, { list: never });
    const found = await preflight(question, { clusters: async () => cluster, after: async () => undefined });
    expect(found.find(({ check }) => check === "capacity")).toMatchObject({
      outcome: "unknown",
      message: expect.stringContaining("within 10 s"),
    });
  });

  it("names the rights that are missing, and changes nothing", async () => {
    const cluster = new MemoryCluster();
    cluster.allows = false;
    const found = await preflight(question, { clusters: async () => cluster, after: never });
    const permissions = found.find(({ check }) => check === "permissions");
    expect(permissions).toMatchObject({
      outcome: "failed",
      message: expect.stringContaining("slipway:writer cannot create apps/deployments"),
    });
    expect(cluster.mutations).toEqual([]);
  });
});
