import { beforeEach, describe, expect, it } from "vitest";
import { routeName, workloadName } from "../../domain/names.ts";
import { writeLogExport } from "../../lambdas/logs/write-log-export.ts";
import type { KeptLine, LogHistory } from "../../lambdas/ports/log-history.ts";
import { type Installation, installation } from "../doubles/installation.ts";
import { LoggedCluster } from "../doubles/logged-cluster.ts";

const secret = 'can"ary é/+\nsecond line';
const [first = "", second = ""] = secret.split("\n");
const namespace = "slipway-fraud-production";
const parameters = { id: "card-scorer" };
const read = "GET /v1/deployments/{id}/logs";

let system: Installation;
let cluster: LoggedCluster;
let uid: string;
let instance: string;
let collected: string[];

const at = Date.parse("2026-11-21T09:12:03.000Z");
const keptLines = (): KeptLine[] =>
  collected.map((message, index) => ({
    ...{ at: at + index, time: `2026-11-21T09:12:03.${String(index).padStart(9, "0")}Z` },
    ...{ instance, container_name: "predictor", message },
  }));
const history: LogHistory = {
  begin: async () => "search-1",
  results: async () => ({ state: "complete", lines: keptLines() }),
  stop: async () => undefined,
  // As CloudWatch Logs gives them: a page may end between any two lines.
  all: async function* () {
    for (const line of keptLines()) yield [line];
  },
};

beforeEach(async () => {
  cluster = new LoggedCluster();
  system = installation({ cluster, history });
  const env = [{ name: "API_KEY", value: secret, secret: true }];
  const created = await system.member("POST /v1/deployments", {
    body: { group: "fraud", name: "Card scorer", environment: "production", access: "public", predictor: { image: "card:1", env } },
  });
  ({ uid } = created.body.deployment);
  instance = `${routeName({ id: "card-scorer", uid })}-p1-1-aaa-1`;
  const base64 = Buffer.from(secret).toString("base64");
  collected = [`key is ${first}`, second, `{"key":${JSON.stringify(secret)}}`, `Basic ${base64}`, "harmless"];
});

const masked = ["key is [masked]", "[masked]", '{"key":"[masked]"}', "Basic [masked]", "harmless"];
const messages = (answer: Awaited<ReturnType<Installation["viewer"]>>) =>
  answer.body.items.map(({ message }: { message: string }) => message);

describe("logs of a program that prints its secrets", () => {
  const written = (pod: string, lines = collected) =>
    cluster.write(pod, "predictor", ...lines.map((line, index): [string, string] => [keptLines()[index]?.time ?? "", line]));

  it("are read from the node without them, however the log comes in pieces and whatever its labels say", async () => {
    const secretName = workloadName({ id: "card-scorer", uid }, "predictor", 1, 1);
    for (const pieceLength of [1, 7, 64, 4096]) {
      cluster.pieceLength = pieceLength;
      cluster.addPod(namespace, instance, uid, { revision: 9, secret: secretName });
      written(instance);
      expect(messages(await system.viewer(read, { parameters }))).toEqual(masked);
      const plain = await system.viewer(read, { parameters, headers: { accept: "text/plain" } });
      for (const line of [first, second]) expect(plain.body).not.toContain(line);
    }
  });

  it("are read from the node as they are where the instance has none", async () => {
    cluster.addPod(namespace, instance, uid);
    written(instance);
    expect(messages(await system.viewer(read, { parameters }))).toEqual(collected);
  });

  it("are found without them, and not by a part of them", async () => {
    const asked = { parameters, query: { source: "historical" } };
    expect(messages(await system.viewer(read, asked)).toSorted()).toEqual(masked.toSorted());
    collected = [`key is ${first}`];
    expect(messages(await system.viewer(read, { ...asked, query: { source: "historical", query: "KEY IS" } }))).toEqual([
      "key is [masked]",
    ]);
    expect(messages(await system.viewer(read, { ...asked, query: { source: "historical", query: first.slice(0, 4) } }))).toEqual([]);
  });

  it("are exported without them", async () => {
    await system.viewer("POST /v1/deployments/{id}/logs/exports", { parameters, body: {} });
    const [start] = system.logExports.started;
    if (!start) throw new Error("nothing was started");
    const { clock, maskSecrets } = system;
    const ports = { history, exports: system.logExports, maskSecrets, clock, log: { warn: () => undefined } };
    await writeLogExport(start, ports, () => 870_000);
    const lines = [...system.logExports.files.values()].join("").trimEnd().split("\n");
    expect(lines.map((line) => line.replace(/^\S+ \S+ /, ""))).toEqual(masked);
  });

  it("have nothing that looks like a secret once the deployment is deleted, and its values with it", async () => {
    collected = ["API_KEY=whatever-it-was", "harmless"];
    const head = await system.record.head(uid);
    if (!head) throw new Error("it was not created");
    const { id } = head.active_operation ?? { id: "" };
    await system.end({ uid, id, epoch: head.epoch });
    const gone = await system.member("DELETE /v1/deployments/{id}", { parameters, query: { name: "Card scorer" } });
    await system.end({ uid, id: gone.body.operation.id, epoch: (await system.record.head(uid))?.epoch ?? 0 });
    const found = await system.viewer(read, { parameters: { id: uid }, query: { source: "historical" } });
    expect(messages(found).toSorted()).toEqual(["API_KEY=[masked]", "harmless"]);
  });

  it("are withheld where nobody can mask them", async () => {
    system.secrets.get = () => Promise.reject(new Error("unreachable"));
    const found = await system.viewer(read, { parameters, query: { source: "historical" } });
    expect(new Set(messages(found))).toEqual(new Set(["(withheld: its secrets could not be masked)"]));
  });
});
