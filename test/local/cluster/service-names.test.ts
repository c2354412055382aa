import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClusterUnderTest, startTestCluster } from "./support/cluster-under-test.ts";
import { isReady, pod, pods, service, services, slices } from "./support/objects.ts";

let it: ClusterUnderTest;
beforeAll(async () => {
  it = await startTestCluster();
  await it.api.create(pods, pod("asked", {}, { env: [{ name: "TAG", value: "asked" }] }));
  const { spec } = service("asked");
  await it.api.create(services, service("asked"));
  await it.api.create(services, { ...service("headless"), spec: { ...spec, clusterIP: "None" } });
  await it.api.until(pods, "asked", isReady);
  for (const name of ["asked", "headless"]) {
    await it.api.untilAny(`${slices}?labelSelector=kubernetes.io/service-name=${name}`, (each) => each.endpoints?.[0]?.conditions.ready);
  }
});
afterAll(() => it.stop());

test.each([
  ["the name of a Service is its address, and its port leads to the pods' own", "asked.test:80", '"tag":"asked"'],
  ["the name of a headless Service is its pods', who answer at their own port", "headless.test:8080", '"tag":"asked"'],
  ["and nobody answers there at the Service's", "headless.test:80", "fetch failed"],
])("%s", async (_what, host, said) => {
  const ask = "fetch(process.env.PEER).then((answer) => answer.text(), ({ message }) => message).then(console.log)";
  const name = `asks-${host.replace(/\W/g, "-")}`;
  const asking = { command: [process.execPath, "-e", ask], env: [{ name: "PEER", value: `http://${host}` }], readinessProbe: undefined };
  await it.api.create(pods, pod(name, { restartPolicy: "Never" }, asking));
  await it.api.until(pods, name, (each) => each.status.phase === "Succeeded");
  expect((await it.api.get(`${pods}/${name}/log`)).text).toContain(said);
});
