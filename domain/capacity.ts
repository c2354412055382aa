import type { KubernetesObject } from "./kubernetes.ts";
import { type Amounts, combined, difference, parseAmounts, sum, written } from "./quantity.ts";

/** What a scheduler would find: whether instances fit on nodes, by what their pods request. */

interface Container {
  restartPolicy?: string;
  resources?: { requests?: object; limits?: object };
}
interface Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
}
interface Taint {
  key: string;
  value?: string;
  effect: string;
}
export interface PodSpec {
  nodeName?: string;
  containers: Container[];
  initContainers?: Container[];
  overhead?: object;
  tolerations?: Toleration[];
}

/** Instances of one component, all alike. */
export interface Wanted {
  component: string;
  count: number;
  spec: PodSpec;
}

export interface Placing {
  fits: boolean;
  /** Of the component of which not all fit. */
  component: string | null;
  /** How many of it do. */
  placed: number;
  /** What keeps the next one from each node, one line a node. */
  obstacles: string[];
  /** Even an empty cluster could not hold one. */
  neverFits: boolean;
}

/** What a pod occupies: its containers together, or its largest init container where that is more; sidecars go on beside both. */
export function podAmounts({ containers, initContainers = [], overhead }: PodSpec, which: "requests" | "limits"): Amounts {
  let sidecars: Amounts = {};
  let starting: Amounts = {};
  for (const container of initContainers) {
    const own = amountsOf(container, which);
    if (container.restartPolicy === "Always") sidecars = sum(sidecars, own);
    starting = larger(starting, container.restartPolicy === "Always" ? sidecars : sum(sidecars, own));
  }
  const running = containers.map((container) => amountsOf(container, which)).reduce(sum, sidecars);
  return sum(larger(starting, running), parseAmounts(overhead));
}

/** What is limited and not requested is requested as it is limited. */
function amountsOf({ resources }: Container, which: "requests" | "limits"): Amounts {
  const limits = parseAmounts(resources?.limits);
  return which === "limits" ? limits : { ...limits, ...parseAmounts(resources?.requests) };
}

const larger = (a: Amounts, b: Amounts): Amounts => combined(a, b, Math.max);

export interface Node {
  name: string;
  total: Amounts;
  free: Amounts;
  taints: Taint[];
  /** Why it takes no pods at all. */
  closed: string | null;
}

/** Nodes with what the pods on them leave free. */
export function nodesWith(nodes: KubernetesObject[], pods: KubernetesObject[]): Node[] {
  const used = new Map<string, Amounts>();
  for (const pod of pods.filter(occupies)) {
    const spec = pod.spec as PodSpec;
    const node = spec.nodeName ?? "";
    used.set(node, sum(used.get(node) ?? {}, { ...podAmounts(spec, "requests"), pods: 1 }));
  }
  return nodes.map((node) => {
    const { taints = [], unschedulable } = (node.spec ?? {}) as { taints?: Taint[]; unschedulable?: boolean };
    const { allocatable, conditions = [] } = (node.status ?? {}) as {
      allocatable?: object;
      conditions?: { type: string; status: string }[];
    };
    const ready = conditions.some(({ type, status }) => type === "Ready" && status === "True");
    const name = node.metadata.name ?? "";
    const total = parseAmounts(allocatable);
    const closed = unschedulable ? "takes no new pods (cordoned)" : ready ? null : "is not ready";
    return { name, total, free: difference(total, used.get(name) ?? {}), taints, closed };
  });
}

/** A pod that has ended holds nothing. */
export const occupies = ({ status }: KubernetesObject): boolean =>
  !["Succeeded", "Failed"].includes((status as { phase?: string } | undefined)?.phase ?? "");

/**
 * Places one instance after the other, as a scheduler does, those first that have the fewest nodes to go to. Of instances
 * that are all alike it finds a place for as many as there can be; of two kinds it may, as a scheduler may, miss one.
 */
export function place(nodes: Node[], wanted: Wanted[]): Placing {
  const room = nodes.map((node) => ({ ...node }));
  const choices = (each: Wanted) => room.filter((node) => obstacle(node, node.total, each.spec) === null).length;
  for (const each of [...wanted].sort((a, b) => choices(a) - choices(b))) {
    const asked = { ...podAmounts(each.spec, "requests"), pods: 1 };
    for (let placed = 0; placed < each.count; placed++) {
      const open = room.filter((node) => obstacle(node, node.free, each.spec) === null);
      const [tightest] = open.sort((a, b) => (a.free.cpu ?? 0) - (b.free.cpu ?? 0));
      if (!tightest) return misplaced(room, each, placed, choices(each) === 0);
      tightest.free = difference(tightest.free, asked);
    }
  }
  return { fits: true, component: null, placed: 0, obstacles: [], neverFits: false };
}

function misplaced(room: Node[], { component, spec }: Wanted, placed: number, neverFits: boolean): Placing {
  const obstacles = room.map((node) => `${node.name} ${obstacle(node, node.free, spec)}`);
  return { fits: false, component, placed, obstacles, neverFits };
}

/** Why a pod does not go onto a node that has this much left; null when it does. */
function obstacle({ closed, taints, total }: Node, left: Amounts, spec: PodSpec): string | null {
  if (closed) return closed;
  const repelling = taints.find((taint) => taint.effect !== "PreferNoSchedule" && !tolerated(taint, spec.tolerations ?? []));
  if (repelling) return `has the taint ${repelling.key}${repelling.value ? `=${repelling.value}` : ""}:${repelling.effect}`;
  const lacking = Object.entries({ ...podAmounts(spec, "requests"), pods: 1 })
    .filter(([name, amount]) => amount > 0 && amount > (left[name] ?? 0))
    .map(([name, amount]) => shortOf(name, amount, left[name] ?? 0, total[name] ?? 0));
  return lacking.length > 0 ? `is short of ${lacking.join(" and ")}` : null;
}

const shortOf = (name: string, asked: number, free: number, total: number): string =>
  `${name} (one instance asks for ${written(name, asked)}, free ${written(name, free)} of ${written(name, total)})`;

function tolerated(taint: Taint, tolerations: Toleration[]): boolean {
  return tolerations.some(
    ({ key, operator, value, effect }) =>
      (!effect || effect === taint.effect) &&
      (key ? key === taint.key : operator === "Exists") &&
      (operator === "Exists" || (value ?? "") === (taint.value ?? "")),
  );
}
