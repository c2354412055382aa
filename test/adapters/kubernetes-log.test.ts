import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import type { Cluster } from "../../lambdas/ports/cluster.ts";
import type { ApiServer } from "../doubles/api-server.ts";
import { withApiServer } from "./with-api-server.ts";

let server: ApiServer;
let cluster: Cluster;

withApiServer((...parts) => {
  [server, cluster] = parts;
});

const log = () => cluster.streamLog("demo", "iris-1", { container: "predictor" });

async function whole(pieces: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const piece of pieces) text += piece;
  return text;
}

describe("a log that is read as it comes", () => {
  it("leaves its connection to the next one when it was read to its end", async () => {
    const connections = new Set<Socket>();
    server.answer((_received, response) => {
      connections.add(response.socket as Socket);
      response.writeHead(200).end("line\n".repeat(100_000));
    });
    for (let time = 0; time < 3; time += 1) expect(await whole(log())).toHaveLength(500_000);
    expect(connections.size).toBe(1);
  });

  it("ends its request when who reads it has enough", async () => {
    const answered: ServerResponse[] = [];
    server.answer((_received, response) => {
      answered.push(response);
      response.writeHead(200).write("first\n");
    });
    for await (const piece of log()) {
      expect(piece).toBe("first\n");
      break;
    }
    const [response] = answered as [ServerResponse];
    if (!response.closed) await once(response, "close");
    expect(response.writableFinished).toBe(false);
  });
});
