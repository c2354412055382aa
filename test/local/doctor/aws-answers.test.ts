import { afterEach, describe, expect, it, test } from "vitest";
import { parseConfiguration } from "../../../lib/configuration.ts";
import { examineAws } from "../../../local/doctor/aws/examine.ts";
import { type Finding, inWords } from "../../../local/doctor/finding.ts";
import { type AccountUnderTest, type Answers, accountOf, Refusal } from "./aws-account.ts";

const role = "arn:aws:iam::111122223333:role/Slipway-Sync";
const listener = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener/net/gateway/1/2";
const balancer = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/net/gateway/1";
const entry = { ClusterName: "main", KubernetesGroups: ["slipway:prober", "slipway:reader"], PrincipalArn: role };
const resource = (LogicalResourceId: string, ResourceType: string, PhysicalResourceId: string) => ({
  ...{
    LogicalResourceId,
    ResourceType,
    PhysicalResourceId,
    ResourceStatus: "CREATE_COMPLETE",
    LastUpdatedTimestamp: "2026-01-01T00:00:00Z",
  },
});
const outputs = (url: string) =>
  Object.entries({ ApiUrl: url, EndpointsUrl: url, EventBusName: "slipway", RecordTableName: "record" }).map(
    ([OutputKey, OutputValue]) => ({
      OutputKey,
      OutputValue,
    }),
  );
const stack = (origin: string, StackStatus: string) => ({
  Stacks: [{ StackName: "Slipway", CreationTime: "2026-01-01T00:00:00Z", StackStatus, Outputs: outputs(origin) }],
});
const cluster = {
  ...{ name: "main", status: "ACTIVE", version: "1.33", endpoint: "https://127.0.0.1:1", certificateAuthority: { data: "" } },
  accessConfig: { authenticationMode: "API" },
  resourcesVpcConfig: { endpointPublicAccess: true, publicAccessCidrs: ["0.0.0.0/0"] },
};
const describeEntry = `eks GET /clusters/main/access-entries/${role}`;
const describeAddon = "eks GET /clusters/main/addons/amazon-cloudwatch-observability";
const logGroup = { logGroupName: "/aws/containerinsights/main/application", retentionInDays: 30 };
const loadBalancer = {
  LoadBalancerArn: balancer,
  LoadBalancerName: "gateway",
  Type: "network",
  Scheme: "internal",
  State: { Code: "active" },
};
const health = (State: string, Description?: string) => ({
  TargetHealthDescriptions: [{ Target: { Id: "10.0.0.1" }, TargetHealth: { State, ...(Description && { Description }) } }],
});

/** An account in which all is well, but that this machine does not reach the cluster's API server. */
const well = (origin: string): Answers => ({
  "sts GetCallerIdentity": { Arn: "arn:aws:iam::111122223333:user/me", UserId: "me", Account: "111122223333" },
  "cloudformation DescribeStacks": stack(origin, "UPDATE_COMPLETE"),
  "cloudformation ListStackResources": {
    StackResourceSummaries: [
      resource("Entry", "AWS::EKS::AccessEntry", `${role}|main`),
      resource("Link", "AWS::ApiGatewayV2::VpcLink", "link1"),
    ],
  },
  "cloudformation GetTemplate": {
    TemplateBody: JSON.stringify({ Resources: { Entry: { Type: "AWS::EKS::AccessEntry", Properties: entry } } }),
  },
  "eks GET /clusters": { clusters: ["main", "other"] },
  "eks GET /clusters/main": { cluster },
  [describeEntry]: { accessEntry: { clusterName: "main", principalArn: role, kubernetesGroups: entry.KubernetesGroups } },
  [describeAddon]: { addon: { addonName: "amazon-cloudwatch-observability", status: "ACTIVE" } },
  "logs DescribeLogGroups": { logGroups: [{ logGroupName: `${logGroup.logGroupName}-of-another` }, logGroup] },
  "apigateway GET /v2/vpclinks/link1": { vpcLinkId: "link1", vpcLinkStatus: "AVAILABLE" },
  "elasticloadbalancing DescribeListeners": {
    Listeners: [{ ListenerArn: listener, LoadBalancerArn: balancer, Protocol: "TCP", Port: 80 }],
  },
  "elasticloadbalancing DescribeLoadBalancers": { LoadBalancers: [loadBalancer] },
  "elasticloadbalancing DescribeTargetGroups": { TargetGroups: [{ TargetGroupArn: "arn:aws:elasticloadbalancing:::targetgroup/pods/1" }] },
  "elasticloadbalancing DescribeTargetHealth": health("healthy"),
});

const gateway = { class: "envoy", name: "slipway", namespace: "slipway-gateway", service: "gateway", port: 80, settle_seconds: 2 };
const configuration = parseConfiguration(
  {
    environments: { staging: { cluster: "main", namespace_prefix: "slipway" } },
    clusters: { main: { gateway, api_server_cidrs: ["10.0.0.0/16"] } },
    sign_in: { issuer: "https://sign-in.example.com", audience: ["slipway"] },
    endpoints: {
      gateway_url: "http://gateway.internal",
      vpc_link: { subnet_ids: ["subnet-1"], security_group_ids: ["sg-1"], listener_arn: listener },
    },
  },
  "the test",
);

let under: AccountUnderTest | undefined;
afterEach(() => under?.stop());

async function examine(different: (origin: string) => Answers = () => ({})): Promise<Map<string, Finding>> {
  under = await accountOf((origin) => ({ ...well(origin), ...different(origin) }));
  const findings = await examineAws(under.account, configuration, "Slipway");
  for (const finding of findings) expect(finding.outcome === "fine", inWords([finding])).toBe(finding.do === undefined);
  expect(new Set(findings.map(({ check }) => check)).size).toBe(findings.length);
  return new Map(findings.map((finding) => [finding.check, finding]));
}

it("finds nothing wrong where all is well, and says what it could not see from here", async () => {
  const found = await examine();
  expect([...found.values()].filter(({ outcome }) => outcome !== "fine").map(({ check }) => check)).toEqual(["main: inside"]);
  expect(found.get("main: inside")).toMatchObject({ outcome: "unknown", given: expect.stringContaining("127.0.0.1:1") });
  expect(found.get("API")).toMatchObject({ outcome: "fine" });
  expect(found.get("targets")).toMatchObject({ given: "1 of 1 behind it are healthy" });
});

type Case = [what: string, different: Answers, check: string, outcome: Finding["outcome"], given: RegExp, todo: RegExp];
const clusterWith = (more: object): Answers => ({ "eks GET /clusters/main": { cluster: { ...cluster, ...more } } });
const network = (resourcesVpcConfig: object) => clusterWith({ resourcesVpcConfig });
const link = (vpcLinkStatus: string): Answers => ({ "apigateway GET /v2/vpclinks/link1": { vpcLinkId: "link1", vpcLinkStatus } });
const noLink: Answers = {
  "cloudformation ListStackResources": { StackResourceSummaries: [resource("Entry", "AWS::EKS::AccessEntry", `${role}|old`)] },
};

const cases: Case[] = [
  [
    "no cluster of the name",
    { "eks GET /clusters/main": new Refusal("ResourceNotFoundException", 404) },
    "main: cluster",
    "broken",
    /there are main, other/,
    /cdk\.json/,
  ],
  ["a cluster that is being made", clusterWith({ status: "CREATING" }), "main: cluster", "broken", /CREATING/, /wait/],
  ["a cluster that is too old", clusterWith({ version: "1.27" }), "main: version", "broken", /v1\.27/, /upgrade/],
  [
    "a cluster without access entries",
    clusterWith({ accessConfig: { authenticationMode: "CONFIG_MAP" } }),
    "main: authentication",
    "broken",
    /CONFIG_MAP/,
    /authenticationMode=API_AND_CONFIG_MAP/,
  ],
  ["a private endpoint", network({ endpointPublicAccess: false }), "main: endpoint", "broken", /private/, /endpointPublicAccess=true/],
  [
    "an endpoint for few",
    network({ endpointPublicAccess: true, publicAccessCidrs: ["192.0.2.0/24"] }),
    "main: endpoint",
    "broken",
    /192\.0\.2\.0\/24 only/,
    /publicAccessCidrs/,
  ],
  [
    "an entry that is gone",
    { [describeEntry]: new Refusal("ResourceNotFoundException", 404) },
    "main: access entries",
    "broken",
    /Slipway-Sync has none \(groups slipway:prober, slipway:reader\)/,
    /create-access-entry/,
  ],
  [
    "an entry with fewer groups",
    { [describeEntry]: { accessEntry: { kubernetesGroups: ["slipway:reader"] } } },
    "main: access entries",
    "broken",
    /not in slipway:prober/,
    /update-access-entry/,
  ],
  ["a stack for another cluster", noLink, "main: access entries", "broken", /deployed for old and not for main/, /npm run deploy/],
  ["no log group", { "logs DescribeLogGroups": { logGroups: [] } }, "main: logs", "lacking", /no log group/, /create-log-group/],
  [
    "a log group for ever",
    { "logs DescribeLogGroups": { logGroups: [{ logGroupName: logGroup.logGroupName }] } },
    "main: logs",
    "lacking",
    /for ever/,
    /put-retention-policy/,
  ],
  [
    "a collector that fails",
    {
      [describeAddon]: { addon: { status: "DEGRADED", health: { issues: [{ code: "InsufficientNumberOfReplicas", message: "no pod" }] } } },
    },
    "main: log collector",
    "lacking",
    /DEGRADED: InsufficientNumberOfReplicas: no pod/,
    /Add-ons/,
  ],
  ["a link that failed", link("FAILED"), "VPC link", "broken", /FAILED/, /subnets/],
  ["a link that nobody used", link("INACTIVE"), "VPC link", "lacking", /60 days/, /send a request/],
  [
    "a link that is gone",
    { "apigateway GET /v2/vpclinks/link1": new Refusal("NotFoundException", 404) },
    "VPC link",
    "broken",
    /is gone/,
    /deploy/,
  ],
  ["a link that was not deployed", noLink, "VPC link", "broken", /has none/, /npm run deploy/],
  [
    "no listener",
    { "elasticloadbalancing DescribeListeners": new Refusal("ListenerNotFound") },
    "load balancer",
    "broken",
    /no listener arn/,
    /listener_arn/,
  ],
  [
    "a public load balancer",
    { "elasticloadbalancing DescribeLoadBalancers": { LoadBalancers: [{ ...loadBalancer, Scheme: "internet-facing" }] } },
    "load balancer",
    "lacking",
    /internet-facing/,
    /internal/,
  ],
  [
    "nobody behind it",
    { "elasticloadbalancing DescribeTargetHealth": health("unhealthy", "Health checks failed") },
    "targets",
    "broken",
    /none of 1 behind it is healthy: Health checks failed/,
    /register/,
  ],
];

test.each(cases)("tells %s", async (_what, different, check, outcome, given, todo) => {
  const found = (await examine(() => different)).get(check);
  expect(found).toMatchObject({ outcome, given: expect.stringMatching(given), do: expect.stringMatching(todo) });
});

describe("of the stack", () => {
  it("tells that there is none, and what follows from it", async () => {
    const found = await examine(() => ({ "cloudformation DescribeStacks": { Stacks: [] } }));
    expect(found.get("stack")).toMatchObject({ outcome: "broken", do: expect.stringContaining("npm run deploy") });
    expect(found.get("main: access entries")).toMatchObject({ outcome: "broken", given: expect.stringContaining("no stack") });
  });

  it.each([
    ["ROLLBACK_COMPLETE", "broken"],
    ["UPDATE_ROLLBACK_FAILED", "broken"],
    ["UPDATE_ROLLBACK_COMPLETE", "lacking"],
    ["UPDATE_IN_PROGRESS", "lacking"],
  ])("tells that it is %s", async (status, outcome) => {
    const found = await examine((origin) => ({ "cloudformation DescribeStacks": stack(origin, status) }));
    expect(found.get("stack")).toMatchObject({ outcome, given: expect.stringContaining(`Slipway is ${status}`) });
  });

  it("tells that its API does not answer", async () => {
    const found = await examine(() => ({ "cloudformation DescribeStacks": stack("http://127.0.0.1:1", "CREATE_COMPLETE") }));
    expect(found.get("API")).toMatchObject({
      outcome: "broken",
      given: expect.stringContaining("http://127.0.0.1:1/v1/healthz does not answer"),
    });
  });
});

describe("of what may not be asked", () => {
  it.each([
    ["cloudformation GetTemplate", "stack", "cloudformation:GetTemplate"],
    ["eks GET /clusters/main", "main: cluster", "eks:DescribeCluster"],
    [describeEntry, "main: access entries", "eks:DescribeAccessEntry"],
    ["logs DescribeLogGroups", "main: logs", "logs:DescribeLogGroups"],
    ["apigateway GET /v2/vpclinks/link1", "VPC link", "apigateway:GET"],
    ["elasticloadbalancing DescribeTargetHealth", "load balancer", "elasticloadbalancing:Describe*"],
  ])("says so, and which permission is missing: %s", async (call, check, permission) => {
    const found = await examine(() => ({ [call]: new Refusal("AccessDeniedException", 403) }));
    expect(found.get(check)).toMatchObject({ outcome: "unknown", do: expect.stringContaining(permission) });
    expect([...found.values()].filter(({ outcome }) => outcome === "broken")).toEqual([]);
  });

  it("asks nothing more with credentials that AWS does not take", async () => {
    const found = await examine(() => ({ "sts GetCallerIdentity": new Refusal("ExpiredToken", 403) }));
    expect(found.get("account")).toMatchObject({
      outcome: "broken",
      given: expect.stringContaining("ExpiredToken"),
      do: expect.stringContaining("sso login"),
    });
    expect([...found.values()].slice(1).map(({ check, outcome, do: todo }) => [check, outcome, todo])).toEqual([
      ["stack", "unknown", "see account"],
      ["VPC link", "unknown", "see account"],
      ["main: cluster", "unknown", "see account"],
    ]);
  });
});
