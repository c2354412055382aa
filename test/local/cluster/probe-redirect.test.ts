import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClusterUnderTest, startTestCluster } from "./support/cluster-under-test.ts";
import { isReady, pod, pods } from "./support/objects.ts";

/** Sends every path on to the one with a slash at its end, as FastAPI and Django do, and `/away` to another host. */
const server = `
require("node:http").createServer(({ url }, response) => {
  const to = url === "/away" ? "http://elsewhere.example/" : url.endsWith("/") ? undefined : url === "/round" ? "/round" : url + "/";
  if (to) return response.writeHead(307, { location: to }).end();
  response.writeHead(url === "/ill/" ? 503 : 200).end();
}).listen(Number(process.env.PORT));
`;
let it: ClusterUnderTest;
beforeAll(async () => {
  it = await startTestCluster({ images: { "test/redirecting:1": { command: [process.execPath, "-e", server] } } });
});
afterAll(() => it.stop());

const probed = (name: string) => {
  const readinessProbe = { httpGet: { path: `/${name}`, port: 8080 }, periodSeconds: 1 };
  return it.api.create(pods, pod(name, {}, { image: "test/redirecting:1", args: [], readinessProbe }));
};
const refusal = (name: string) =>
  it.api.untilAny(`/api/v1/namespaces/test/events?fieldSelector=involvedObject.name=${name},reason=Unhealthy`, ({ message }) =>
    /statuscode|redirects/.test(message),
  );

test.each(["well", "away"])("a probe follows a redirect to its own host, and no other: %s is ready", async (name) => {
  await probed(name);
  await it.api.until(pods, name, isReady);
});

test.each([
  ["ill", "HTTP probe failed with statuscode: 503"],
  ["round", "stopped after 10 redirects"],
])("what a redirect leads to counts: %s is not ready", async (name, why) => {
  await probed(name);
  expect((await refusal(name)).message).toContain(why);
});
