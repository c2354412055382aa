import { type Cluster, DescribeAccessEntryCommand, DescribeClusterCommand, type EKSClient, ListClustersCommand } from "@aws-sdk/client-eks";
import type { ClusterConfiguration } from "../../../lib/configuration.ts";
import { KubernetesApi } from "../../kubeconfig/api.ts";
import { connectionOf } from "../../kubeconfig/connection.ts";
import { examineOnEks } from "../cluster.ts";
import { broken, type Finding, fine, unknown } from "../finding.ts";
import { versionFinding } from "../reachability.ts";
import { type Account, eksToken } from "./account.ts";
import { asked, isMissing, unlessMissing } from "./asked.ts";
import { containerInsights } from "./logs.ts";
import type { Deployed, WantedEntry } from "./stack.ts";

/** One cluster of the configuration. */
export async function examineCluster(
  account: Account,
  name: string,
  { gateway }: ClusterConfiguration,
  stack: Deployed,
): Promise<Finding[]> {
  let cluster: Cluster | undefined;
  const described = await asked("cluster", "eks:DescribeCluster", async () => {
    cluster = await describedBy(account.eks, name);
    return cluster ? asItIs(cluster) : missing(account.eks, name);
  });
  if (!cluster) return described;
  const [entered, logs, inside] = await Promise.all([
    asked("access entries", "eks:DescribeAccessEntry", () => accessEntries(account.eks, name, stack)),
    asked("logs", "logs:DescribeLogGroups and eks:DescribeAddon", () => containerInsights(account, name)),
    asked("inside", "access to the cluster", () => lookInside(account, cluster as Cluster, gateway)),
  ]);
  // EKS has told its version already, where it does.
  return [...described, ...entered, ...logs, ...inside.filter(({ check }) => check !== "version" || !cluster?.version)];
}

const describedBy = async (eks: EKSClient, name: string): Promise<Cluster | undefined> =>
  (await unlessMissing(eks.send(new DescribeClusterCommand({ name }))))?.cluster;

async function missing(eks: EKSClient, name: string): Promise<Finding> {
  const { clusters = [] } = await eks.send(new ListClustersCommand({})).catch(() => ({ clusters: undefined }));
  const others = clusters.length > 0 ? `there are ${clusters.join(", ")}` : "there is none";
  return broken(
    "cluster",
    `there is no cluster ${name} in this region: ${others}`,
    "correct clusters in cdk.json, or take its region: AWS_REGION=…",
  );
}

/** Functions run outside of the cluster's network: only its public endpoint is open to them. */
function asItIs({ name, status, version, accessConfig, resourcesVpcConfig }: Cluster): Finding[] {
  const findings: Finding[] = [];
  if (status === "ACTIVE" || status === "UPDATING") findings.push(fine("cluster", `${name} is ${status}`));
  else findings.push(broken("cluster", `${name} is ${status}`, "wait until it is ACTIVE, or mend it in the EKS console"));
  if (version) findings.push(versionFinding(`v${version}`));
  const mode = accessConfig?.authenticationMode ?? "CONFIG_MAP";
  if (mode === "CONFIG_MAP") {
    const change = `aws eks update-cluster-config --name ${name} --access-config authenticationMode=API_AND_CONFIG_MAP`;
    findings.push(broken("authentication", `the mode is ${mode}, which has no access entries`, change));
  } else findings.push(fine("authentication", `the mode is ${mode}`));
  return [...findings, endpoint(name ?? "", resourcesVpcConfig)];
}

function endpoint(name: string, network: Cluster["resourcesVpcConfig"]): Finding {
  const change = (what: string) => `aws eks update-cluster-config --name ${name} --resources-vpc-config ${what}`;
  if (!network?.endpointPublicAccess)
    return broken("endpoint", "it is private, and the functions run outside of its network", change("endpointPublicAccess=true"));
  const ranges = network.publicAccessCidrs ?? [];
  if (ranges.includes("0.0.0.0/0")) return fine("endpoint", "it is public, and open to the functions' addresses");
  return broken(
    "endpoint",
    `it is open to ${ranges.join(", ") || "nobody"} only, and the functions' addresses are any of AWS'`,
    `${change("publicAccessCidrs=0.0.0.0/0")}; who may do what, access entries and tokens decide`,
  );
}

async function accessEntries(eks: EKSClient, cluster: string, stack: Deployed): Promise<Finding> {
  if (stack === "unknown") return unknown("access entries", "the functions are in the stack, which could not be asked", "see stack");
  if (stack === "missing") return broken("access entries", "there is no stack whose functions could have any", "npm run deploy");
  const { entries: all } = stack;
  const wanted = all.filter((entry) => entry.cluster === cluster);
  if (wanted.length === 0)
    return broken(
      "access entries",
      `the stack was deployed for ${clustersOf(all)} and not for ${cluster}`,
      "deploy the configuration: npm run deploy",
    );
  const wrong = (await Promise.all(wanted.map((entry) => differs(eks, entry)))).filter((why) => why !== undefined);
  if (wrong.length === 0) return fine("access entries", `all ${wanted.length} of the functions' roles are as the stack made them`);
  const shown = wrong.length > 5 ? `${wrong.slice(0, 5).join("; ")}; and ${wrong.length - 5} more` : wrong.join("; ");
  const mend =
    "somebody has changed them outside of the stack: aws eks create-access-entry or update-access-entry with these, or deploy the stack anew";
  return broken("access entries", shown, mend);
}

const clustersOf = (entries: WantedEntry[]): string => [...new Set(entries.map(({ cluster }) => cluster))].join(", ") || "no cluster";

/** How an entry is not what the stack made; undefined: it is. */
async function differs(eks: EKSClient, { cluster, principal, groups }: WantedEntry): Promise<string | undefined> {
  try {
    const { accessEntry } = await eks.send(new DescribeAccessEntryCommand({ clusterName: cluster, principalArn: principal }));
    const lost = groups.filter((group) => !accessEntry?.kubernetesGroups?.includes(group));
    return lost.length === 0 ? undefined : `${principal} is not in ${lost.join(", ")}`;
  } catch (error) {
    if (isMissing(error as Error)) return `${principal} has none (groups ${groups.join(", ")})`;
    throw error;
  }
}

/** As whoever asks: functions' own rights are reviewed by their groups. */
async function lookInside(account: Account, cluster: Cluster, gateway: ClusterConfiguration["gateway"]): Promise<Finding[]> {
  const { name = "", endpoint: server = "", certificateAuthority } = cluster;
  const context = {
    ...{ name, clusterName: name, userName: "aws", files: [], user: { token: await eksToken(account, name) } },
    cluster: { server, "certificate-authority-data": certificateAuthority?.data },
  };
  const api = new KubernetesApi(connectionOf(context));
  return examineOnEks(api, gateway, name).finally(() => api.connection.close());
}
