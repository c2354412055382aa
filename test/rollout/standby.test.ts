import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WorkflowError } from "../../domain/errors.ts";
import type { Kind, KubernetesObject } from "../../domain/kubernetes.ts";
import type { RolloutPolicy } from "../../domain/specification.ts";
import { aSpecification } from "../doubles/deployments.ts";
import { cleanUp } from "../local/step-functions/machine-runner.ts";
import { Scene } from "./scene.ts";
import { WorkflowScene } from "./workflow-scene.ts";

const registerSeconds = 20;
let scene: Scene;
let workflows: WorkflowScene;
/** Each state of the route's backends, by revision and weight, and how many seconds it lasted. */
let states: { backends: string; seconds: number }[];
let since: number;
let afterPatch: () => void;

beforeEach(async () => {
  scene = new Scene();
  workflows = new WorkflowScene(scene);
  const start = await scene.start();
  const head = scene.record.heads_.get(scene.uid);
  if (head) head.place = { ...head.place, gateway: { ...head.place.gateway, register_seconds: registerSeconds } };
  watchRoute();
  await workflows.run("rollout", start);
});
afterEach(cleanUp);

function watchRoute(): void {
  const { cluster } = scene;
  const patch = cluster.patch.bind(cluster);
  const remove = cluster.remove.bind(cluster);
  states = [];
  since = scene.clock.now();
  afterPatch = () => undefined;
  cluster.patch = async <T extends KubernetesObject>(kind: Kind, namespace: string | null, name: string, body: object) => {
    const patched = await patch<T>(kind, namespace, name, body);
    if (kind === "HTTPRoute") note();
    afterPatch();
    return patched;
  };
  cluster.remove = async (kind, namespace, name, uid) => {
    const inRoute = (cluster.route()?.backends ?? []).map((backend) => backend.name);
    if (kind === "Service") expect(inRoute).not.toContain(name);
    await remove(kind, namespace, name, uid);
  };
}

function note(): void {
  const { backends = [] } = scene.cluster.route() ?? {};
  const now = backends.map(({ name, weight }) => `${/-p(\d+)-\d+$/.exec(name)?.[1]}:${weight}`).join(" ");
  const last = states.at(-1);
  if (last?.backends === now) return;
  if (last) last.seconds = Math.round((scene.clock.now() - since) / 1000);
  states.push({ backends: now, seconds: 0 });
  since = scene.clock.now();
}

const seen = () => states.splice(0, states.length - 1).map(({ backends }) => backends);
const lasted = (backends: string) => states.find((state) => state.backends === backends)?.seconds;
const update = (over: Partial<RolloutPolicy> = {}) => scene.begin("UPDATE", { rollout: { ...aSpecification().rollout, ...over } });

describe("where the gateway registers targets", () => {
  it("a Service is in the route for as long as that takes before its traffic comes", async () => {
    expect(states.map(({ backends }) => backends)).toEqual(["1:0", "1:100"]);
    expect(lasted("1:0")).toBeGreaterThanOrEqual(registerSeconds);
  });

  it("both are in it while traffic moves, and what is retired leaves it before it is removed", async () => {
    seen();
    await workflows.run("rollout", await update({ strategy: "canary", percent: 10, bake_seconds: 60, warm_seconds: 0 }));
    expect(lasted("1:100 2:0")).toBeGreaterThanOrEqual(registerSeconds);
    note();
    expect(states.map(({ backends }) => backends)).toEqual(["1:100", "1:100 2:0", "1:90 2:10", "2:100 1:0", "2:100"]);
  });

  it("traffic goes back to a warm slot at once, for it is in the route", async () => {
    await workflows.run("rollout", await update({ warm_seconds: 600 }));
    seen();
    const began = scene.clock.now();
    await workflows.run("rollback", await scene.rollBackTo("blue"));
    expect(states.map(({ backends }) => backends)).toEqual(["2:100 1:0", "1:100 2:0", "1:100"]);
    expect(scene.clock.now() - began).toBeLessThan(registerSeconds * 1000);
  });

  it("a stop takes the traffic first and the targets after", async () => {
    seen();
    await workflows.run("shutdown", await scene.begin("STOP"));
    expect(states.map(({ backends }) => backends)).toEqual(["1:100", "1:0", ""]);
  });

  it("a step that ended before its time has the next one wait as long", async () => {
    const input = await update({ warm_seconds: 600 });
    let times = 0;
    afterPatch = () => {
      if (states.at(-1)?.backends !== "1:100 2:0") return;
      times += 1;
      if (times === 1) throw new WorkflowError("ClusterUnavailable", "ClusterUnavailable", "the function ended here");
    };
    expect(await workflows.run("rollout", input)).toMatchObject({ status: "SUCCEEDED" });
    expect(times).toBe(1);
    expect(lasted("1:100 2:0")).toBeGreaterThanOrEqual(registerSeconds);
  });
});
