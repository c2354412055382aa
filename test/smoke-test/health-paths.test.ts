import { beforeEach, describe, expect, it } from "vitest";
import type { Specification } from "../../domain/specification.ts";
import type { WorkflowInput } from "../../lambdas/ports/workflows.ts";
import { prepare } from "../../lambdas/rollout/prepare.ts";
import { provisionSlot } from "../../lambdas/rollout/provision-slot.ts";
import { probeServer } from "../../lambdas/smoke-test/probe-server.ts";
import { aSpecification } from "../doubles/deployments.ts";
import { Scene } from "../rollout/scene.ts";

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});

async function probed(over: Partial<Specification> = {}): Promise<[string, string, number | null][] | undefined> {
  const input: WorkflowInput = await scene.start(over);
  await prepare(input, scene.ports);
  await provisionSlot(input, scene.ports);
  await probeServer(input, scene.ports);
  const { evidence } = await scene.operation(input);
  return evidence?.smoke_tests.map(({ name, request, response }) => [name, request.path, response.status]);
}

describe("the probe of a server", () => {
  it("takes a redirect for well, as the kubelet does, which has followed it", async () => {
    scene.cluster.answers.set("GET /v2/health/live", { status: 307, body: "" });
    expect((await probed())?.[0]).toEqual(["server is live", "/v2/health/live", 307]);
  });

  it("asks an image of one's own where it says that it answers", async () => {
    const own = { runtime: null, model: null, model_uri: null, image: "registry.example/bento:1" };
    const health = { live: "/livez", ready: "/readyz" };
    for (const path of Object.values(health)) scene.cluster.answers.set(`GET ${path}`, { status: 200, body: "" });
    expect((await probed({ predictor: { ...aSpecification().predictor, ...own, health } }))?.slice(0, 2)).toEqual([
      ["server is live", "/livez", 200],
      ["model is ready", "/readyz", 200],
    ]);
  });
});
