import { afterAll, describe, expect, test } from "vitest";
import { LoadClient, patientMs } from "../../bench/switch/load-client.ts";
import { accessHeader, endpointPath, routeHeader } from "../../domain/manifests/route.ts";
import { artifacts } from "./support/artifact-store.ts";
import { startNoise } from "./support/noise.ts";
import { Product } from "./support/product.ts";
import { api, cluster, isLocal, scene } from "./target.ts";

const product = new Product();
const predictor = (version: number) => ({ runtime: "onnx", model_uri: artifacts.iris(version) });
/** Gateways learn of an end later than the instance does. */
const drain_seconds = isLocal ? 1 : 10;

// A lost request that does not show again was lost all the same.
describe.skipIf(!cluster.gatewayUrl || !cluster.hasArtifacts)("under load, while another route changes", { retry: 0 }, () => {
  afterAll(() => product.end());

  test("an update, a canary and a rollback lose no request", async () => {
    const rollout = { drain_seconds, warm_seconds: 0, deadline_seconds: 300 };
    expect(await product.start({ predictor: predictor(1), rollout })).toMatchObject({ outcome: "SUCCEEDED" });
    await product.adopt();
    const noise = await startNoise(api, (await scene("noise")).routes);
    const load = new LoadClient(
      {
        url: `${cluster.gatewayUrl}${endpointPath(product.id)}/v2/models/${product.id}`,
        rate: isLocal ? 60 : 100,
        timeoutMs: patientMs,
        headers: { [accessHeader]: "public" },
        model: routeHeader.toLowerCase(),
      },
      "all",
    );
    const canary = { ...rollout, strategy: "canary", percent: 50, bake_seconds: 3, warm_seconds: 600 };
    expect(await product.update({ predictor: predictor(2) })).toMatchObject({ outcome: "SUCCEEDED" });
    expect(await product.update({ predictor: predictor(1), rollout: canary })).toMatchObject({ outcome: "SUCCEEDED" });
    expect(await product.rollBack()).toMatchObject({ outcome: "SUCCEEDED", revision: 2 });
    const { all } = await load.stop();
    expect(await noise.end()).toBeGreaterThan(0);
    expect(all).toMatchObject({ modelErrors: 0, refusals: 0 });
    expect(all?.failures).toEqual({});
  });
});
