import { beforeEach, describe, expect, it } from "vitest";
import { registration } from "../../domain/model.ts";
import type { Taking } from "../../lambdas/operations/take-trigger.ts";
import { receiveEvent } from "../../lambdas/triggers/receive-event.ts";
import { type Installation, installation } from "../doubles/installation.ts";

let system: Installation;
let ports: Taking;
beforeEach(() => {
  system = installation();
  ports = { ...system, log: { warn: (message: string) => system.log.warn(message) } };
});

const names = Array.from({ length: 10 }, (_, n) => `model-${n}x`);
const completed = (name: string, n: number, over: object = {}) => ({
  id: `event-${name}-${n}-${Math.random()}`,
  source: "model-studio",
  "detail-type": "Training Job State Change",
  time: "2026-11-21T09:12:03Z",
  detail: {
    job_id: `${name}-${n}`,
    status: "COMPLETED",
    model: { group: "fraud", name },
    artifact_uri: `s3://artifacts/${name}/${n}`,
    framework: "onnx",
    sequence: n,
    ...over,
  },
});
const registered = (detail: Record<string, unknown>) => ({
  id: `told-${Math.random()}`,
  source: "slipway",
  "detail-type": "Model Version Registered",
  time: "2026-11-21T09:12:03Z",
  detail,
});

async function model(name: string, policy: object = {}) {
  await system.member("POST /v1/models", { body: { group: "fraud", name } });
  const specification = { access: "public" };
  const body = { automatic: "production", staging: { specification }, production: { specification }, ...policy };
  await system.admin("PUT /v1/models/{group}/{name}/promotion-policy", { parameters: { group: "fraud", name }, body });
}
const versionsOf = (name: string) => system.record.versions.get(`fraud/${name}`) ?? [];
const promotionsOf = (name: string) => [...system.promotions.all.values()].filter((one) => one.model.name === name);

/** What the stream and the bus do with the record's own events, twice and in any order. */
async function tellRegistrations(): Promise<void> {
  const events = names.flatMap((name) => versionsOf(name)).map((version) => registered({ ...registration(version).detail }));
  await Promise.all(shuffled([...events, ...events]).map((event) => receiveEvent(event, ports)));
}

function shuffled<T>(list: T[]): T[] {
  return list
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

describe("a hundred completed jobs at once, shuffled and doubled, for ten models", () => {
  it("lose none, promote nothing twice, and end on the newest of each", async () => {
    for (const name of names) await model(name);
    const events = names.flatMap((name) => Array.from({ length: 10 }, (_, n) => completed(name, n)));
    await Promise.all(shuffled([...events, ...events]).map((event) => receiveEvent(event, ports)));
    await tellRegistrations();
    for (const name of names) {
      const jobs = versionsOf(name).map(({ training_job }) => training_job);
      expect(jobs.sort()).toEqual(Array.from({ length: 10 }, (_, n) => `${name}-${n}`));
      const newest = versionsOf(name).find(({ source }) => source?.sequence === 9);
      const promotions = promotionsOf(name);
      expect(new Set(promotions.map((one) => one.model.version)).size).toBe(promotions.length);
      const underWay = promotions.filter(({ outcome }) => outcome === null);
      expect(underWay.map((one) => one.model.version)).toEqual([newest?.version]);
      expect(promotions.filter(({ outcome }) => outcome !== null).every(({ cause }) => cause?.reason === "Superseded")).toBe(true);
      expect(system.promotionWorkflow.executions.get(underWay[0]?.id ?? "")).toBe("RUNNING");
    }
  });
});

describe("a report", () => {
  it("of a version that is there with other content is kept as a conflict and changes nothing", async () => {
    await model("card");
    await receiveEvent(completed("card", 1), ports);
    await receiveEvent(completed("card", 1, { artifact_uri: "s3://artifacts/other" }), ports);
    expect(versionsOf("card")).toHaveLength(1);
    const outcomes = [...system.triggers.all.values()].map(({ outcome }) => outcome);
    expect(outcomes).toEqual(["REGISTERED", "CONFLICT"]);
  });

  it("brings the signature along, and with another framework or signature is a conflict too", async () => {
    await model("card");
    const inputs = [{ name: "x", datatype: "FP32", shape: [-1, 4] }];
    await receiveEvent(completed("card", 1, { signature: { inputs } }), ports);
    expect(versionsOf("card")).toMatchObject([{ signature: { inputs, outputs: [] }, observed_signature: null }]);
    await receiveEvent(completed("card", 1, { signature: { outputs: [], inputs } }), ports);
    await receiveEvent(completed("card", 1, { signature: { inputs }, framework: "sklearn" }), ports);
    await receiveEvent(completed("card", 1, { signature: { inputs: [{ ...inputs[0], shape: [-1, 5] }] } }), ports);
    const outcomes = [...system.triggers.all.values()].map(({ outcome }) => outcome);
    expect(outcomes).toEqual(["REGISTERED", "KNOWN", "CONFLICT", "CONFLICT"]);
    expect(versionsOf("card")).toHaveLength(1);
  });

  it.each<[string, object, RegExp, null?]>([
    [
      "with a signature that is none",
      { signature: { inputs: [{ name: "x", datatype: "float", shape: [4] }] } },
      /signature.inputs.0.datatype/,
    ],
    ["of no model", { model: undefined }, /names no model/, null],
    ["of an unknown model", { model: { group: "fraud", name: "nowhere" } }, /there is no model fraud\/nowhere/],
    ["without an artifact", { artifact_uri: undefined }, /names no artifact/],
    ["of a location that is none", { artifact_uri: "file:///etc/passwd" }, /artifact_uri/],
    ["of a group that nobody has made", { model: { group: "nobody", name: "card" }, artifact_uri: "x" }, /artifact_uri/, null],
    ["without what it needs", { job_id: undefined, framework: 7 }, /^job_id: missing; framework: expected string$/],
    ["with half of a character", { framework: "\ud800" }, /^framework: well-formed Unicode/],
    ["of a job whose id is half of a character", { job_id: "\ud800" }, /^job_id: well-formed Unicode/],
    ["with a number that no table keeps", { metrics: { loss: 1e300 } }, /^metrics.loss: a number that can be kept/],
  ])("%s is kept with its reason, for those of the group that it names", async (_what, over, reason, group) => {
    await model("card");
    await receiveEvent(completed("card", 1, over), ports);
    const [trigger] = [...system.triggers.all.values()];
    expect(trigger).toMatchObject({ outcome: "UNUSABLE", attempts: 1, group: group === null ? null : "fraud" });
    expect(trigger?.reason).toMatch(reason);
    expect(trigger?.key.isWellFormed()).toBe(true);
    expect(versionsOf("card")).toEqual([]);
  });

  it("of a job that is not done makes nothing", async () => {
    await model("card");
    await receiveEvent(completed("card", 1, { status: "FAILED" }), ports);
    expect([...system.triggers.all.values()].map(({ outcome }) => outcome)).toEqual(["IGNORED"]);
  });

  it("that comes late does not take the place of a newer version", async () => {
    await model("card");
    await receiveEvent(completed("card", 5), ports);
    await receiveEvent(registered({ ...registration(versionsOf("card")[0] as never).detail }), ports);
    await receiveEvent(completed("card", 4), ports);
    await receiveEvent(registered({ ...registration(versionsOf("card")[1] as never).detail }), ports);
    expect(promotionsOf("card").map((one) => [one.model.version, one.outcome])).toEqual([[1, null]]);
  });
});
