import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { WorkflowInput } from "../../lambdas/ports/workflows.ts";
import { aSpecification } from "../doubles/deployments.ts";
import { cleanUp } from "../local/step-functions/machine-runner.ts";
import { Scene } from "../rollout/scene.ts";
import { WorkflowScene } from "../rollout/workflow-scene.ts";

const secret = 'canary "5309" in/the+mine';
const infer = "/v2/models/card-fraud/infer";
const test = { name: "known", method: "POST" as const, path: infer, body: {} };

let scene: Scene;
let workflows: WorkflowScene;
beforeEach(() => {
  scene = new Scene();
  workflows = new WorkflowScene(scene);
});
afterEach(cleanUp);

function withSecret(input: Promise<WorkflowInput>, revision: number): Promise<WorkflowInput> {
  scene.secrets.store(scene.uid, revision, { component: "predictor", values: { API_KEY: secret }, kept: null });
  return input;
}
const predictor = { ...aSpecification().predictor, env: [{ name: "API_KEY", secret: true as const }] };
const careless = (status: number) => ({ status, body: JSON.stringify({ name: "card-fraud", configuration: { key: secret } }) });

/** Everything that is kept of an operation. */
async function told(input: WorkflowInput): Promise<string> {
  const operation = await scene.operation(input);
  return JSON.stringify([operation, [...scene.kept.values()], await scene.head(), await scene.record.observed(scene.uid)]);
}
/** As text of JSON that has JSON in it. */
const forms = [secret, JSON.stringify(secret).slice(1, -1), JSON.stringify(JSON.stringify(secret)).slice(3, -3)];

describe("a server that answers with its secrets", () => {
  it("leaves none in what its probes keep", async () => {
    for (const path of ["/v2/health/live", "/v2/models/card-fraud/ready", "/v2/models/card-fraud"]) {
      scene.cluster.answers.set(`GET ${path}`, careless(200));
    }
    const input = await withSecret(scene.start({ predictor }), 1);
    await workflows.run("rollout", input);
    const kept = await told(input);
    expect(kept).toContain("[masked]");
    for (const form of forms) expect(kept).not.toContain(form);
  });

  it("leaves none in what a bake fails with", async () => {
    await workflows.run("rollout", await scene.start());
    const rollout = { ...aSpecification().rollout, strategy: "canary" as const, percent: 10, bake_seconds: 300 };
    const smoke_tests = [{ ...test, expect: { status: 200, json: { "configuration.key": "another" } } }];
    scene.cluster.answers.set(`POST ${infer}`, { status: 200, body: '{"configuration":{"key":"another"}}' });
    const input = await withSecret(scene.begin("UPDATE", { predictor, rollout, smoke_tests }), 2);
    workflows.before = (name) => {
      if (name === "Bake") scene.cluster.answers.set(`POST ${infer}`, careless(200));
    };
    await workflows.run("rollout", input);
    expect(await scene.operation(input)).toMatchObject({
      outcome: "ROLLED_BACK",
      cause: { reason: "SmokeTestFailed", message: expect.stringContaining('configuration.key is "[masked]"') },
    });
    const kept = await told(input);
    for (const form of forms) expect(kept).not.toContain(form);
  });
});
