import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Kind, KubernetesObject } from "../../domain/kubernetes.ts";
import { routeName } from "../../domain/names.ts";
import type { Scope } from "../../lambdas/ports/cluster.ts";
import { type Installation, installation } from "../doubles/installation.ts";
import { LoggedCluster } from "../doubles/logged-cluster.ts";

const namespace = "slipway-fraud-production";
const route = "GET /v1/deployments/{id}/logs";

/** Who asks again in one process gets logs, list and record at once. */
class WatchedCluster extends LoggedCluster {
  readonly begun: string[] = [];
  /** What happens in the moment between the logs and the list. */
  meanwhile = () => {};

  override streamLog(...given: Parameters<LoggedCluster["streamLog"]>) {
    this.begun.push(`log ${given[1]}/${given[2].container}${given[2].previous ? " before" : ""}`);
    return super.streamLog(...given);
  }

  override async list<T extends KubernetesObject>(kind: Kind, scope: Scope) {
    this.begun.push("list");
    // Logs that were asked for before have been read.
    await new Promise((resolve) => setImmediate(resolve));
    this.meanwhile();
    return super.list<T>(kind, scope);
  }
}

let system: Installation;
let cluster: WatchedCluster;
let uid: string;
let name: string;

beforeEach(async () => {
  cluster = new WatchedCluster();
  system = installation({ cluster });
  uid = await create();
  name = pod("aaa-1");
  cluster.addPod(namespace, name, uid);
  cluster.write(name, "predictor", [at(1), "one"]);
});

async function create(): Promise<string> {
  const body = { group: "fraud", name: "Card scorer", environment: "production", access: "public", predictor: { image: "card:1" } };
  return (await system.member("POST /v1/deployments", { body })).body.deployment.uid;
}
const pod = (suffix: string, of = uid) => `${routeName({ id: "card-scorer", uid: of })}-p1-1-${suffix}`;
const at = (second: number) => `2026-11-21T09:12:${String(second).padStart(2, "0")}.000000000Z`;
const read = (query: Record<string, string> = {}) => system.viewer(route, { parameters: { id: "card-scorer" }, query });
const messages = (answer: Awaited<ReturnType<typeof read>>) => answer.body.items.map(({ message }: { message: string }) => message);
async function second(query: Record<string, string> = {}) {
  cluster.begun.length = 0;
  return read(query);
}

describe("transient logs of a deployment that was asked for before", () => {
  it("are asked for once, before the list is there", async () => {
    expect(messages(await read())).toEqual(["one"]);
    expect(cluster.begun).toEqual(["list", `log ${name}/predictor`]);
    cluster.write(name, "predictor", [at(2), "two"]);
    expect(messages(await second())).toEqual(["one", "two"]);
    expect(cluster.begun.toSorted()).toEqual(["list", `log ${name}/predictor`]);
  });

  it("are asked for after the record, which is answered while the cluster is still asked", async () => {
    await read();
    const head = system.record.head.bind(system.record);
    vi.spyOn(system.record, "head").mockImplementation((of) => {
      cluster.begun.push("record");
      return head(of);
    });
    await second();
    expect(cluster.begun[0]).toBe("record");
  });

  it("are followed by a cursor that loses and doubles none", async () => {
    const { next_cursor: cursor } = (await read()).body;
    cluster.write(name, "predictor", [at(2), "two"]);
    cluster.meanwhile = () => {
      cluster.restart(namespace, name, "predictor");
      cluster.write(name, "predictor", [at(3), "three"]);
      cluster.meanwhile = () => {};
    };
    const page = await second({ cursor });
    expect(messages(page)).toEqual(["two", "three"]);
    expect(messages(await read({ cursor: page.body.next_cursor }))).toEqual([]);
  });

  it("are not those of a run that ended meanwhile", async () => {
    await read();
    cluster.meanwhile = () => {
      cluster.restart(namespace, name, "predictor");
      cluster.write(name, "predictor", [at(3), "of the next run"]);
    };
    expect(messages(await second())).toEqual(["of the next run"]);
  });

  it("are those of new instances too, and none of one that is gone or another's", async () => {
    await read();
    cluster.meanwhile = () => {
      void cluster.remove("Pod", namespace, name, null);
      cluster.addPod(namespace, name, "another-uid");
      cluster.addPod(namespace, pod("bbb-2"), uid);
      cluster.write(pod("bbb-2"), "predictor", [at(4), "new"]);
      cluster.meanwhile = () => {};
    };
    expect(messages(await second())).toEqual(["new"]);
    const gone = await second({ instance: name });
    expect(gone.body).toMatchObject({ items: [], instances: [{ instance: name, state: "gone" }] });
  });

  it("are asked for by nobody who may not see them", async () => {
    await read();
    cluster.begun.length = 0;
    expect(await system.stranger(route, { parameters: { id: "card-scorer" } })).toMatchObject({ status: 404 });
    expect(cluster.begun).toEqual([]);
  });

  it.each([
    ["an instance of somebody else", { instance: "other-abc123-p1-1-x" }, 404],
    ["a container that it has not", { container_name: "istio-proxy" }, 404],
    ["a cursor of nobody", { cursor: "bm9uc2Vuc2U" }, 400],
  ])("are refused as before: %s", async (_what, query, status) => {
    await read();
    expect(await second(query as unknown as Record<string, string>)).toMatchObject({ status });
  });

  it("are nobody else's who has the id now", async () => {
    await read();
    const deleted = await system.member("DELETE /v1/deployments/{id}", {
      parameters: { id: "card-scorer" },
      query: { name: "Card scorer" },
    });
    await system.end({ uid, id: deleted.body.operation.id, epoch: (await system.record.head(uid))?.epoch ?? 0 });
    const next = await create();
    cluster.addPod(namespace, pod("ccc-3", next), next);
    cluster.write(pod("ccc-3", next), "predictor", [at(5), "of the next deployment"]);
    expect(messages(await second())).toEqual(["of the next deployment"]);
  });
});
