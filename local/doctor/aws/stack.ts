import {
  type CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  ListStackResourcesCommand,
  type Stack,
  type StackResourceSummary,
} from "@aws-sdk/client-cloudformation";
import { broken, type Finding, fine, lacking, whyNot } from "../finding.ts";

/** An entry that the stack has made so that a function may come into a cluster. */
export interface WantedEntry {
  cluster: string;
  /** ARN of the function's role. */
  principal: string;
  groups: string[];
}

/** What was deployed. */
export interface FoundStack {
  findings: Finding[];
  entries: WantedEntry[];
  /** Id of the VPC link; undefined: it has none. */
  vpc_link: string | undefined;
}

/** What others may conclude from: a stack that could not be asked for is neither there nor missing. */
export type Deployed = FoundStack | "missing" | "unknown";

export async function readStack(cloudFormation: CloudFormationClient, StackName: string): Promise<FoundStack | "missing"> {
  const stack = await described(cloudFormation, StackName);
  if (!stack) return "missing";
  const [resources, { TemplateBody = "{}" }] = await Promise.all([
    allResources(cloudFormation, StackName),
    cloudFormation.send(new GetTemplateCommand({ StackName })),
  ]);
  return {
    findings: [condition(stack), ...(await outputs(stack))],
    entries: entriesOf(resources, TemplateBody),
    vpc_link: resources.find(({ ResourceType }) => ResourceType === "AWS::ApiGatewayV2::VpcLink")?.PhysicalResourceId,
  };
}

async function described(cloudFormation: CloudFormationClient, StackName: string): Promise<Stack | undefined> {
  try {
    return (await cloudFormation.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0];
  } catch (error) {
    if (/does not exist/.test((error as Error).message)) return undefined;
    throw error;
  }
}

async function allResources(cloudFormation: CloudFormationClient, StackName: string): Promise<StackResourceSummary[]> {
  const found: StackResourceSummary[] = [];
  let NextToken: string | undefined;
  do {
    const page = await cloudFormation.send(new ListStackResourcesCommand({ StackName, NextToken }));
    found.push(...(page.StackResourceSummaries ?? []));
    ({ NextToken } = page);
  } while (NextToken);
  return found;
}

function condition({ StackName, StackStatus, StackStatusReason }: Stack): Finding {
  const given = `${StackName} is ${StackStatus}${StackStatusReason ? `: ${StackStatusReason}` : ""}`;
  const status = String(StackStatus);
  if (/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status)) return fine("stack", given);
  if (/_IN_PROGRESS$/.test(status)) return lacking("stack", given, "wait until it is done, and look again");
  if (/^(UPDATE|IMPORT)_ROLLBACK_COMPLETE$/.test(status))
    return lacking("stack", `${given}: what was deployed before is what runs`, "see its events for the cause, then npm run deploy again");
  return broken("stack", given, "see its events for the cause, mend it, then npm run deploy");
}

/** Of the outputs, two are addresses: whether the API answers at its own can be tried. */
async function outputs({ Outputs = [] }: Stack): Promise<Finding[]> {
  const names = ["ApiUrl", "EndpointsUrl", "EventBusName", "RecordTableName"];
  const value = (name: string) => Outputs.find(({ OutputKey }) => OutputKey === name)?.OutputValue;
  const missing = names.filter((name) => !value(name));
  if (missing.length > 0) return [broken("outputs", `the stack does not tell ${missing.join(", ")}`, "deploy it anew: npm run deploy")];
  return [fine("outputs", names.map((name) => `${name} ${value(name)}`).join(", ")), await api(value("ApiUrl") as string)];
}

async function api(url: string): Promise<Finding> {
  const address = `${url.replace(/\/$/, "")}/v1/healthz`;
  try {
    const { ok, status } = await fetch(address, { signal: AbortSignal.timeout(10_000) });
    if (ok) return fine("API", `${address} answers ${status}`);
    return broken("API", `${address} answers ${status}`, "see the runbooks in docs/runbooks, and the log group of the function ReadRecord");
  } catch (error) {
    return broken("API", `${address} does not answer: ${whyNot(error)}`, "check that this machine reaches it (proxy, DNS)");
  }
}

interface Template {
  Resources?: Record<string, { Type: string; Properties?: { ClusterName?: unknown; KubernetesGroups?: unknown } }>;
}

/** Whom an entry is for is known by its physical id, `principal|cluster`; what it shall give, by the template. */
function entriesOf(resources: StackResourceSummary[], text: string): WantedEntry[] {
  const { Resources = {} } = JSON.parse(text) as Template;
  return resources
    .filter(({ ResourceType }) => ResourceType === "AWS::EKS::AccessEntry")
    .map(({ LogicalResourceId = "", PhysicalResourceId = "" }) => {
      const parts = PhysicalResourceId.split("|");
      const groups = Resources[LogicalResourceId]?.Properties?.KubernetesGroups;
      return {
        principal: parts.find((part) => part.startsWith("arn:")) ?? PhysicalResourceId,
        cluster: parts.find((part) => !part.startsWith("arn:")) ?? "",
        groups: Array.isArray(groups) ? groups.map(String) : [],
      };
    });
}
