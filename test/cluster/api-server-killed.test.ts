import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { routeHeader } from "../../domain/manifests/route.ts";
import type { Operation } from "../../domain/operation.ts";
import { Callers } from "./support/callers.ts";
import { bringUp, mayKill, signal } from "./support/own-processes.ts";
import { Product } from "./support/product.ts";
import { api, cluster } from "./target.ts";

/** SLIPWAY_MAY_KILL=1 SLIPWAY_KUBECONFIG=… npm run test:cluster -- api-server-killed */
async function kill(): Promise<void> {
  signal("kube-apiserver", "SIGKILL");
  const answers = () =>
    api.get("/livez").then(
      () => true,
      () => false,
    );
  await expect.poll(answers, { timeout: 30_000, interval: 20 }).toBe(false);
}

const rollout = { drain_seconds: 0, warm_seconds: 0, deadline_seconds: 300 };
const env = (variables: Record<string, string>) => ({ env: Object.entries(variables).map(([name, value]) => ({ name, value })) });
const stepsOf = ({ steps }: Operation) => steps.map(({ name, outcome }) => `${name} ${outcome}`);

describe.skipIf(!mayKill || !cluster.gatewayUrl)("an API server that is killed and started again", () => {
  const product = new Product();
  const called: string[] = [];
  let callers: Callers<string>;
  beforeAll(async () => {
    product.before = (name) => void called.push(name);
    const predictor = { image: cluster.images.server, ...env({ TAG: "first" }) };
    expect(await product.start({ predictor, rollout })).toMatchObject({ outcome: "SUCCEEDED", cause: null });
    await product.adopt();
    // Which state of the route an answer came by tells whom a failure is to be looked for at.
    callers = new Callers(async () => {
      const { status, headers } = await product.call("/");
      return status === 200 ? "200" : `${status} by ${headers.get(routeHeader)} at ${new Date().toISOString()}`;
    });
  });
  afterEach(() => {
    called.length = 0;
  });
  afterAll(() => product.end());

  test("while AwaitReady watches: the step is begun again and finds the instance ready", async () => {
    const updating = product.update({ predictor: env({ TAG: "second", LASTING: "5000" }) });
    await api.untilAny(`${product.paths.pods}?labelSelector=slipway.dev/revision=2`, (pod) => pod.status?.phase === "Running");
    await product.untilStep("AwaitReady");
    await kill();
    await bringUp();
    const operation = await updating;
    expect(operation).toMatchObject({ outcome: "SUCCEEDED", cause: null });
    expect(called.filter((name) => name === "AwaitReady").length).toBeGreaterThan(1);
    expect(stepsOf(operation)).toContain("AwaitReady SUCCEEDED");
  });

  test("when ShiftTraffic has just moved the route: it is not moved again, and callers have seen nothing of all this", async () => {
    const next = new RegExp(`-p${(await product.head()).revisions.latest + 1}-\\d+$`);
    const updating = product.update({ predictor: env({ TAG: "third" }) });
    await api.untilAny(product.paths.routes, ({ spec }) =>
      spec.rules[0].backendRefs?.some((each: { name: string }) => next.test(each.name)),
    );
    await product.untilStep("ShiftTraffic");
    await kill();
    await bringUp();
    const operation = await updating;
    expect(operation).toMatchObject({ outcome: "SUCCEEDED", cause: null });
    expect(stepsOf(operation).filter((step) => step.startsWith("ShiftTraffic"))).toEqual(["ShiftTraffic SUCCEEDED"]);
    expect(await (await product.call("/")).json()).toMatchObject({ tag: "third" });
    expect(await callers.end()).toEqual(["200"]);
    expect(await product.delete()).toMatchObject({ outcome: "SUCCEEDED", cause: null });
    expect(await product.objects()).toEqual([]);
  });
});
