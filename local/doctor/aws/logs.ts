import { DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { type Addon, DescribeAddonCommand } from "@aws-sdk/client-eks";
import { type Finding, fine, lacking } from "../finding.ts";
import type { Account } from "./account.ts";
import { unlessMissing } from "./asked.ts";

const addon = "amazon-cloudwatch-observability";

/** Where lines of containers are kept that are gone, and who brings them there (docs/logs.md). */
export async function containerInsights(account: Account, cluster: string): Promise<Finding[]> {
  const [group, collector] = await Promise.all([logGroup(account, cluster), collecting(account, cluster)]);
  return [group, ...collector];
}

async function logGroup({ logs }: Account, cluster: string): Promise<Finding> {
  const name = `/aws/containerinsights/${cluster}/application`;
  const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
  const found = logGroups.find(({ logGroupName }) => logGroupName === name);
  if (!found) {
    const make = `aws logs create-log-group --log-group-name ${name}, put-retention-policy, then install the add-on ${addon}`;
    return lacking("logs", `there is no log group ${name}: lines of instances that are gone are lost`, make);
  }
  if (found.retentionInDays === undefined) {
    const limit = `aws logs put-retention-policy --log-group-name ${name} --retention-in-days 30`;
    return lacking("logs", `${name} is kept for ever, and paid for`, limit);
  }
  return fine("logs", `${name}, kept for ${found.retentionInDays} days`);
}

/** Others can write the group as well, so that its absence is no fault by itself. */
async function collecting({ eks }: Account, clusterName: string): Promise<Finding[]> {
  const found = await unlessMissing(eks.send(new DescribeAddonCommand({ clusterName, addonName: addon })));
  if (!found?.addon) return [fine("log collector", `the add-on ${addon} is not installed: something else has to write the log group`)];
  return [condition(found.addon)];
}

function condition({ status, health }: Addon): Finding {
  if (status === "ACTIVE") return fine("log collector", `the add-on ${addon} is ACTIVE`);
  const issues = health?.issues?.map(({ code, message }) => `${code}: ${message}`).join("; ");
  return lacking(
    "log collector",
    `the add-on ${addon} is ${status}${issues ? `: ${issues}` : ""}`,
    "mend it in the EKS console, under Add-ons",
  );
}
