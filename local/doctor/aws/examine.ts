import type { Configuration } from "../../../lib/configuration.ts";
import { broken, type Finding, unknown } from "../finding.ts";
import { type Account, whoAsks } from "./account.ts";
import { asked } from "./asked.ts";
import { examineCluster } from "./cluster.ts";
import { examineWay } from "./gateway-way.ts";
import { type Deployed, readStack } from "./stack.ts";

/** Looks at everything that the configuration names in an account, changes nothing. What cannot be asked is a finding too. */
export async function examineAws(account: Account, configuration: Configuration, stackName: string): Promise<Finding[]> {
  const who = await whoAsks(account);
  if (who.outcome === "broken") return [who, ...notAsked(configuration, stackName)];
  let stack = "unknown" as Deployed;
  const deployed = await asked(
    "stack",
    "cloudformation:DescribeStacks, cloudformation:ListStackResources and cloudformation:GetTemplate",
    async () => {
      stack = await readStack(account.cloudFormation, stackName);
      if (stack !== "missing") return stack.findings;
      return broken("stack", `there is no stack ${stackName} in this region`, "npm run deploy; or name another one: --stack NAME");
    },
  );
  const clusters = Object.entries(configuration.clusters).map(async ([name, cluster]) =>
    (await examineCluster(account, name, cluster, stack)).map((finding) => ({ ...finding, check: `${name}: ${finding.check}` })),
  );
  const [way, ...inClusters] = await Promise.all([examineWay(account, configuration.endpoints, stack), ...clusters]);
  return [who, ...deployed, ...way, ...inClusters.flat()];
}

/** Without credentials nothing of this is known; it is not passed over in silence. */
function notAsked({ clusters, endpoints }: Configuration, stackName: string): Finding[] {
  const of = (check: string, what: string) => unknown(check, `not asked: ${what}`, "see account");
  return [
    of("stack", `whether ${stackName} is deployed, its outputs and whether its API answers`),
    ...(endpoints.vpc_link ? [of("VPC link", "whether it and the load balancer behind it work, and have healthy targets")] : []),
    ...Object.keys(clusters).map((name) =>
      of(`${name}: cluster`, "whether it is there and reached, its access entries, its log group, and what is in it"),
    ),
  ];
}
