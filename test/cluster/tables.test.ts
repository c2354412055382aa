import { beforeAll, describe, expect, test } from "vitest";
import type { Any } from "./support/api-client.ts";
import { absentImage, autoscaler, budget, configMap, container, idleDeployment, pod, route, secret, service } from "./support/objects.ts";
import { api, type Scene, scene } from "./target.ts";

/** What kubectl asks for when it shows a list: https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables */
const accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";

const table = async (path: string): Promise<Any> => (await api.call("GET", path, undefined, { Accept: accept })).body;
const headings = ({ columnDefinitions }: Any): string[] =>
  columnDefinitions.filter((each: Any) => each.priority === 0).map((each: Any) => each.name);
const cell = (body: Any, heading: string): unknown =>
  body.rows[0].cells[body.columnDefinitions.findIndex((each: Any) => each.name === heading)];

let here: Scene;
beforeAll(async () => {
  here = await scene("tables");
});

describe("a list as a table", () => {
  test("has the columns of its kind", async () => {
    const collections: [keyof Scene, Any, string[]][] = [
      ["pods", pod("one"), ["Name", "Ready", "Status", "Restarts", "Age"]],
      ["deployments", idleDeployment("many"), ["Name", "Ready", "Up-to-date", "Available", "Age"]],
      ["services", service("one"), ["Name", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age"]],
      ["configMaps", configMap("one"), ["Name", "Data", "Age"]],
      ["secrets", secret("one"), ["Name", "Type", "Data", "Age"]],
      ["autoscalers", autoscaler("many", 1, 2), ["Name", "Reference", "Targets", "MinPods", "MaxPods", "Replicas", "Age"]],
      ["budgets", budget("one", { maxUnavailable: 1 }), ["Name", "Min Available", "Max Unavailable", "Allowed Disruptions", "Age"]],
      ["routes", route("one", []), ["Name", "Hostnames", "Age"]],
    ];
    for (const [place, object, expected] of collections) {
      await api.make(here[place], object);
      expect([place, headings(await table(here[place]))]).toEqual([place, expected]);
    }
    await api.untilAny(here.replicaSets, () => true);
    await api.untilAny(here.events, () => true);
    expect(headings(await table(here.replicaSets))).toEqual(["Name", "Desired", "Current", "Ready", "Age"]);
    expect(headings(await table(here.events))).toEqual(["Last Seen", "Type", "Reason", "Object", "Message"]);
    expect(headings(await table("/api/v1/nodes"))).toEqual(["Name", "Status", "Roles", "Age", "Version"]);
    expect(headings(await table("/api/v1/namespaces"))).toEqual(["Name", "Status", "Age"]);
  });

  test("has a line for each object, with its metadata, and tells what a pod waits for", async () => {
    await api.make(here.pods, pod("absent", {}, { image: absentImage }));
    const waiting = (object: Any) => /ErrImagePull|ImagePullBackOff/.test(object.status?.containerStatuses?.[0]?.state?.waiting?.reason);
    await api.until(here.pods, "absent", waiting);
    const body = await table(`${here.pods}/absent`);
    expect(body).toMatchObject({ kind: "Table", apiVersion: "meta.k8s.io/v1", rows: [{ object: { kind: "PartialObjectMetadata" } }] });
    expect(body.rows[0].object.metadata.name).toBe("absent");
    expect([cell(body, "Name"), cell(body, "Ready")]).toEqual(["absent", "0/1"]);
    expect(cell(body, "Status")).toMatch(/^(ErrImagePull|ImagePullBackOff)$/);
    const whole = await table(`${here.pods}?fieldSelector=metadata.name=absent&includeObject=Object`);
    expect(whole.rows[0].object).toMatchObject({ apiVersion: "v1", kind: "Pod", spec: { containers: [{ image: absentImage }] } });
  });

  test("tells of a container whose init container has failed", async () => {
    const init = container({ name: "first", command: ["/absent"], readinessProbe: undefined });
    await api.make(here.pods, pod("first", { initContainers: [init] }));
    await api.until(here.pods, "first", (object: Any) => object.status?.initContainerStatuses?.[0]?.restartCount > 0);
    expect(cell(await table(`${here.pods}/first`), "Status")).toMatch(/^Init:/);
  });
});

test("a watch as a table tells each change as one", async () => {
  const { metadata } = await table(here.configMaps);
  const path = `${here.configMaps}?watch=true&resourceVersion=${metadata.resourceVersion}&timeoutSeconds=1`;
  await api.make(here.configMaps, configMap("watched"));
  const { text } = await api.call("GET", path, undefined, { Accept: accept });
  const [first] = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Any);
  expect(first).toMatchObject({ type: "ADDED", object: { kind: "Table", rows: [{ object: { metadata: { name: "watched" } } }] } });
});
