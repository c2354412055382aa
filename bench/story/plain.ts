import { labels, managedBy } from "../../domain/names.ts";
import { failed } from "../switch/load-client.ts";
import { plainWorkload, route } from "../switch/plain-objects.ts";
import { type Stage, storyLabel } from "./stage.ts";
import type { Tell } from "./told.ts";

const root = { Deployment: "/apis/apps/v1", Service: "/api/v1", HTTPRoute: "/apis/gateway.networking.k8s.io/v1" } as const;
const plural = { Deployment: "deployments", Service: "services", HTTPRoute: "httproutes" } as const;
const patienceMilliseconds = 180_000;

/** What a Deployment that is updated in place loses behind the same gateway, asked the same. It is measured and not judged. */
export async function rollingUpdate(stage: Stage, tell: Tell): Promise<void> {
  const name = `plain-${stage.run}`;
  const metadata = { name, labels: { [labels.managedBy]: managedBy, [storyLabel]: stage.run } };
  await stage.cluster.create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata });
  const objects = [...plainWorkload("first", name, name), route(name, [{ name, port: 80 }])] as {
    kind: keyof typeof root;
    spec: Workload;
  }[];
  for (const object of objects) {
    await stage.cluster.create(`${root[object.kind]}/namespaces/${name}/${plural[object.kind]}`, withImage(object, stage.options.image));
  }
  await until(stage, name, (model) => model === "first");
  const counted = await stage.underLoad(name, async () => {
    const [next] = plainWorkload("second", name, name) as { kind: keyof typeof root; spec: Workload }[];
    await stage.cluster.patch(
      `/apis/apps/v1/namespaces/${name}/deployments/${name}`,
      withImage(next as { spec: Workload }, stage.options.image),
    );
    await rolledOut(stage, name);
    await until(stage, name, (model) => model === "second");
  });
  tell(`beside it a plain RollingUpdate lost ${failed(counted)} of ${counted.requests} requests`);
  await stage.cluster.delete(`/api/v1/namespaces/${name}`);
}

interface Workload {
  template?: { spec: { containers: object[] } };
}

/** As a restricted namespace wants it, and with the story's own image. */
function withImage<T extends { spec: Workload }>(object: T, image: string): T {
  const { template } = object.spec;
  if (!template) return object;
  const containers = template.spec.containers.map((container) => ({ ...container, image }));
  return { ...object, spec: { ...object.spec, template: { ...template, spec: { ...template.spec, containers } } } };
}

async function until(stage: Stage, name: string, isSo: (model: string | null) => boolean): Promise<void> {
  for (const end = Date.now() + patienceMilliseconds; Date.now() < end; await pause()) {
    const answer = await fetch(`${stage.system.url}/endpoints/${name}/predict`, { headers: { connection: "close" } }).catch(
      () => undefined,
    );
    if (answer && isSo(answer.headers.get("x-model"))) return;
  }
  throw new Error(`the plain Deployment ${name} did not come to serve`);
}

async function rolledOut(stage: Stage, name: string): Promise<void> {
  for (const end = Date.now() + patienceMilliseconds; Date.now() < end; await pause()) {
    const { metadata, spec, status } = await stage.cluster.get<Rolling>(`/apis/apps/v1/namespaces/${name}/deployments/${name}`);
    const { observedGeneration = 0, updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status ?? {};
    const wanted = spec.replicas;
    if (observedGeneration >= metadata.generation && [updatedReplicas, replicas, availableReplicas].every((count) => count === wanted))
      return;
  }
  throw new Error(`the plain Deployment ${name} was not rolled out`);
}

interface Rolling {
  metadata: { generation: number };
  spec: { replicas: number };
  status?: { observedGeneration?: number; updatedReplicas?: number; replicas?: number; availableReplicas?: number };
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 100));
