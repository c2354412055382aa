import { runtimes } from "../../domain/catalogue/runtimes.ts";
import { storageInitializer } from "../../domain/catalogue/storage-initializer.ts";
import type { KubernetesApi, KubernetesObject } from "../kubeconfig/api.ts";
import { broken, type Finding, fine, lacking, unknown } from "./finding.ts";

export interface Node extends KubernetesObject {
  spec?: { unschedulable?: boolean };
  status?: {
    conditions?: { type: string; status: string }[];
    nodeInfo?: { architecture?: string; operatingSystem?: string };
    images?: { names?: string[] }[];
  };
}

export const takesPods = ({ spec, status }: Node) =>
  !spec?.unschedulable && status?.conditions?.some((each) => each.type === "Ready" && each.status === "True");

/** Whether they take pods, and which images those have that do. */
export async function nodes(api: KubernetesApi): Promise<Finding[]> {
  const all = await api.list<Node>("/api/v1/nodes");
  const ready = all.filter(takesPods);
  return [taking(all, ready), images(ready)];
}

function taking(all: Node[], ready: Node[]): Finding {
  if (ready.length === 0) return broken("nodes", `none of ${all.length} nodes takes pods`, "add a node, or uncordon one");
  const systems = [...new Set(ready.map(({ status }) => `${status?.nodeInfo?.operatingSystem}/${status?.nodeInfo?.architecture}`))];
  return fine("nodes", `${ready.length} of ${all.length} take pods (${systems.join(", ")})`);
}

/** No registry has them: whoever wants them brings them to the nodes. */
const own = [runtimes.onnx.server.image, runtimes.node.server.image];
/** A kubelet tells no more, the largest first. */
const mostTold = 50;

/** What nodes tell of the images that they have. What they do not have, they pull when a deployment needs it. */
export function images(ready: Node[]): Finding {
  const told = ready.map(({ metadata, status }) => ({ name: metadata.name, images: status?.images ?? [] }));
  if (told.every((node) => node.images.length === 0)) return unknown("images", "the nodes do not tell which images they have", whereTold);
  const without = (image: string) => told.filter((node) => !has(node.images, image)).map(({ name }) => name);
  const missing = own.map((image) => ({ image, nodes: without(image) })).filter((each) => each.nodes.length > 0);
  if (missing.length === 0)
    return fine("images", `each node has ${[...own, ...copier(without)].join(", ")}; others are pulled when they are needed`);
  const given = missing.map(({ image, nodes }) => `${image} is not on ${listed(nodes)}`).join("; ");
  if (told.some((node) => node.images.length >= mostTold))
    return unknown("images", `${given}, as far as they tell (the ${mostTold} largest)`, bring);
  return lacking("images", `${given}, and no public registry has ${missing.length === 1 ? "it" : "them"}`, bring);
}

const whereTold = "see docs/kubernetes.md#images for which are needed; ?dry_run=true on a create tells whether a node has one";
const bring =
  "npm run image -- NAME FILE, then import it on each node or push it to a registry that stands in for docker.io: docs/kubernetes.md#images";
const copier = (without: (image: string) => string[]) => (without(storageInitializer.image).length === 0 ? [storageInitializer.image] : []);
const listed = (names: string[]) => (names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", "));

function has(images: { names?: string[] }[], wanted: string): boolean {
  return images.some(({ names }) => names?.some((name) => name === wanted || name === `docker.io/${wanted}`));
}
