import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KubernetesError } from "../../lambdas/ports/cluster.ts";
import { minutes, seconds, type WatchedCluster, watchedCluster } from "./watched-cluster.ts";

let { scene, run, passes, end } = {} as WatchedCluster;
beforeEach(async () => {
  ({ scene, run, passes, end } = await watchedCluster());
});
afterEach(() => end());

const told = (type = "Instances Ended") => (scene.record.events_.get(scene.uid) ?? []).filter((event) => event.type === type);
const pods = () => [...scene.cluster.objects.values()].filter(({ kind }) => kind === "Pod");

/** As a node says it while the instance has its time to end. */
function takeAway(): void {
  for (const pod of pods()) {
    const { containerStatuses = [] } = pod.status as { containerStatuses?: { name: string }[] };
    const done = { name: "storage-initializer", ready: true, restartCount: 0, state: { terminated: { exitCode: 0, reason: "Completed" } } };
    const metadata = { ...pod.metadata, deletionTimestamp: new Date(scene.clock.now()).toISOString() };
    const running = containerStatuses.map((each) => ({ ...each, state: { running: {} } }));
    const status = { ...(pod.status as object), initContainerStatuses: [done], containerStatuses: running };
    scene.cluster.put({ ...structuredClone(pod), metadata, status } as never);
  }
}

describe("an instance that is taken away", () => {
  it("leaves the last lines of each of its containers with the deployment's events, once", async () => {
    const lines = (container: string) => Array.from({ length: 7 }, (_, index) => `${container} ${index}\n`).join("");
    scene.cluster.podLog = async (_namespace, _pod, { container }) => `API_KEY=hunter2\n${lines(container)}`;
    void run();
    await passes(10 * seconds);
    const [pod] = pods();
    takeAway();
    await passes(2 * minutes);
    const last = (container: string) => [2, 3, 4, 5, 6].map((index) => `${container} ${index}`);
    const instance = pod?.metadata.name;
    expect(told()).toMatchObject([
      {
        actor: "slipway",
        message: expect.stringContaining(`instance ${instance} is taken away`),
        after: {
          count: 1,
          instances: [{ name: instance, component: "predictor", slot: "blue", revision: 1 }],
          logs: [
            { instance, container_name: "storage-initializer", lines: last("storage-initializer") },
            { instance, container_name: "predictor", lines: last("predictor") },
          ],
        },
      },
    ]);
    const key = told()[0]?.after?.evidence_key as string;
    expect(JSON.stringify(scene.kept.get(key))).toContain("API_KEY=[masked]");
  });

  it("is told of when its logs cannot be read any more", async () => {
    scene.cluster.podLog = async () => {
      throw new KubernetesError(404, "NotFound", "pods not found");
    };
    void run();
    await passes(10 * seconds);
    takeAway();
    await passes(30 * seconds);
    const [{ after } = { after: null }] = told();
    expect(after?.logs).toMatchObject([{ lines: ["(this log could not be read: pods not found)"] }, {}]);
  });

  it("keeps nobody waiting whose node does not answer", async () => {
    scene.cluster.podLog = () => new Promise(() => {});
    void run();
    await passes(10 * seconds);
    takeAway();
    await passes(30 * seconds);
    expect(told()).toMatchObject([{ after: { logs: [], evidence_key: null } }]);
  });
});

describe("an instance whose server ends by itself, and well", () => {
  it("leaves what it wrote last", async () => {
    scene.cluster.podLog = async (_namespace, _pod, { previous }) => (previous ? "nothing left to do\n" : "");
    void run();
    await passes(10 * seconds);
    const [pod] = pods();
    const ended = { exitCode: 0, reason: "Completed", finishedAt: new Date(scene.clock.now()).toISOString() };
    const own = { name: "predictor", ready: true, restartCount: 1, state: { running: {} }, lastState: { terminated: ended } };
    scene.cluster.put({ ...structuredClone(pod), status: { ...(pod?.status as object), containerStatuses: [own] } } as never);
    await passes(30 * seconds);
    expect(told("Instance Failed")).toMatchObject([{ after: { container_name: "predictor", log: ["nothing left to do"] } }]);
  });
});
