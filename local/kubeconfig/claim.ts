import { hostname } from "node:os";
import { partOf } from "../../lib/cluster/bootstrap.ts";
import { ApiError, type KubernetesApi, type KubernetesObject } from "./api.ts";

/** Who drives a cluster: one installation, known by the id in its data folder. */
export interface Claimant {
  id: string;
  /** For people: which one it is, and where. */
  description: string;
}

interface Lease extends KubernetesObject {
  spec: { holderIdentity?: string; leaseDurationSeconds?: number; renewTime?: string; acquireTime?: string };
}

const described = "slipway.dev/control-plane";
const durationSeconds = 30;
const renewMilliseconds = 10_000;

export const describeClaimant = (dataFolder: string, origin: string): string =>
  `npm start on ${hostname()} with the data folder ${dataFolder}, at ${origin}`;

export const claimPath = (namespace: string): string => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/slipway-control-plane`;

/** Another installation's claim on the cluster: two would each correct what the other has made. */
export async function refuseIfClaimed(api: KubernetesApi, namespace: string, me: Claimant, takeOver: boolean): Promise<void> {
  const lease = await api.find<Lease>(claimPath(namespace));
  const holder = lease?.spec.holderIdentity;
  if (!lease || !holder || holder === me.id) return;
  const who = holderOf(lease);
  if (isLive(lease))
    throw new Error(`Another control plane drives this cluster: ${who}. End that one first; two would each undo what the other does`);
  if (takeOver) return;
  throw new Error(
    `This cluster belongs to another control plane: ${who}, last seen ${lease.spec.renewTime}. Its deployments are in its record only. ` +
      "Start that one; or take its place with --take-over (what it has deployed goes on serving, and this one does not know it); " +
      "or clear the cluster with npm run cluster:remove",
  );
}

const holderOf = ({ metadata, spec }: Lease): string => metadata.annotations?.[described] ?? spec.holderIdentity ?? "";

function isLive({ spec }: Lease): boolean {
  return Date.now() < Date.parse(spec.renewTime ?? "") + (spec.leaseDurationSeconds ?? durationSeconds) * 1000;
}

/** Which control plane drives the cluster at this moment; undefined: none. */
export async function runningClaim(api: KubernetesApi, namespace: string): Promise<string | undefined> {
  const lease = await api.find<Lease>(claimPath(namespace));
  return lease && isLive(lease) ? holderOf(lease) : undefined;
}

interface HeldClaim {
  stop(): Promise<void>;
}

/** Claims the cluster and says every ten seconds that it is still claimed. `onLost`: somebody else has taken it, or taken it away. */
export async function holdClaim(
  api: KubernetesApi,
  namespace: string,
  me: Claimant,
  onLost: (message: string) => void,
): Promise<HeldClaim> {
  await claim(api, namespace, me);
  const renew = async (): Promise<void> => {
    const lease = await api.find<Lease>(claimPath(namespace));
    if (lease?.spec.holderIdentity === me.id) return void (await api.patch(claimPath(namespace), { spec: { renewTime: microTime() } }));
    onLost(lease ? `it now belongs to ${holderOf(lease)}` : "its claim was removed");
  };
  // A cluster that does not answer for a while is still ours.
  const timer = setInterval(() => void renew().catch(() => undefined), renewMilliseconds);
  return {
    stop: async () => {
      clearInterval(timer);
      // It belongs to this installation still, and whoever asks is told at once that it does not run.
      await api.patch(claimPath(namespace), { spec: { leaseDurationSeconds: 1 } }).catch(() => undefined);
    },
  };
}

async function claim(api: KubernetesApi, namespace: string, me: Claimant): Promise<void> {
  const now = microTime();
  const content = {
    metadata: { annotations: { [described]: me.description } },
    spec: { holderIdentity: me.id, leaseDurationSeconds: durationSeconds, acquireTime: now, renewTime: now },
  };
  const there = await api.find<Lease>(claimPath(namespace));
  if (there) {
    // By what was read: of two that take it at once, one is refused.
    const { resourceVersion } = there.metadata;
    await api.patch(claimPath(namespace), { ...content, metadata: { ...content.metadata, resourceVersion } }).catch(refusedBySecond);
    return;
  }
  const object = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", ...content };
  const name = claimPath(namespace).split("/").at(-1);
  const collection = claimPath(namespace).replace(/\/[^/]+$/, "");
  await api.create(collection, { ...object, metadata: { ...content.metadata, name, labels: partOf } }).catch(refusedBySecond);
}

function refusedBySecond(error: unknown): never {
  if (error instanceof ApiError && error.status === 409) {
    throw new Error("Another control plane has claimed this cluster at this very moment. Start again to be told which", { cause: error });
  }
  throw error;
}

const microTime = (): string => new Date().toISOString().replace("Z", "000Z");
