import { afterAll, beforeAll, beforeEach } from "vitest";
import { kubernetesClient } from "../../lambdas/adapters/kubernetes-client.ts";
import type { Cluster } from "../../lambdas/ports/cluster.ts";
import { type ApiServer, startApiServer } from "../doubles/api-server.ts";

/** An API server for the tests of a file; before each it has received nothing, and who asks it has asked nothing. */
export function withApiServer(give: (server: ApiServer, cluster: Cluster) => void): void {
  let server: ApiServer;
  beforeAll(async () => {
    server = await startApiServer();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    server.received.length = 0;
    give(server, kubernetesClient(server.access(), { now: () => Date.now(), sleep: async () => {} }));
  });
}
