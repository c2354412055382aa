import { ArnFormat, Lazy, Stack } from "aws-cdk-lib";
import { CfnAccessEntry } from "aws-cdk-lib/aws-eks";
import { Construct } from "constructs";
import { type AccessGroup, accessGroups } from "../domain/access-groups.ts";
import type { EnvironmentSetting } from "../lambdas/runtime/settings.ts";

import type { ClusterConfiguration, Configuration } from "./configuration.ts";
import type { ServiceFunction } from "./toolkit/service-function.ts";

/**
 * The EKS clusters of the configuration, which exist already. A grant makes one access entry for the function's role
 * in each of them; what its Kubernetes groups may do there, `npm run cluster:bootstrap` prints.
 */
export class Clusters extends Construct {
  private readonly names: string[];
  private readonly configuration: Configuration;
  private readonly groups = new Map<ServiceFunction, Set<AccessGroup>>();

  constructor(scope: Construct, id: string, configuration: Configuration) {
    super(scope, id);
    this.names = Object.keys(configuration.clusters);
    this.configuration = configuration;
  }

  /** Lists and watches what we made, reads pod logs. */
  grantReader(caller: ServiceFunction): void {
    this.admit(caller, accessGroups.reader);
  }

  /** Makes and removes what deployments run as, and moves their routes. */
  grantWriter(caller: ServiceFunction): void {
    this.admit(caller, accessGroups.writer);
  }

  /** Asks what there is room for, and what the other groups may do. */
  grantPreflight(caller: ServiceFunction): void {
    this.admit(caller, accessGroups.preflight);
  }

  /** Sends requests to Services through the API server. */
  grantProber(caller: ServiceFunction): void {
    this.admit(caller, accessGroups.prober);
  }

  /** Searches what Container Insights keeps of what the containers have written. */
  grantLogSearch(reader: ServiceFunction): void {
    reader.may(["logs:StartQuery"], this.logGroups());
    // Of one's own queries, which have no ARN.
    reader.may(["logs:GetQueryResults", "logs:StopQuery"], ["*"]);
  }

  /** Stops searches that others began. */
  static grantStopSearch(stopper: ServiceFunction): void {
    stopper.may(["logs:StopQuery"], ["*"]);
  }

  /** Reads all of it, page by page. */
  grantLogRead(reader: ServiceFunction): void {
    reader.may(["logs:FilterLogEvents"], this.logGroups());
  }

  private logGroups(): string[] {
    return this.names.map((cluster) =>
      Stack.of(this).formatArn({
        ...{ service: "logs", resource: "log-group", arnFormat: ArnFormat.COLON_RESOURCE_NAME },
        resourceName: `/aws/containerinsights/${cluster}/application:*`,
      }),
    );
  }

  /** Tells a function where each environment runs; gives no access to it. */
  introduce(listener: ServiceFunction): void {
    const places = Object.entries(this.configuration.environments).map(([name, environment]) => [name, this.place(environment)] as const);
    listener.set("ENVIRONMENTS", JSON.stringify(Object.fromEntries(places)));
  }

  private place({ cluster, namespace_prefix }: Configuration["environments"][string]): EnvironmentSetting {
    const { gateway, api_server_cidrs } = this.configuration.clusters[cluster] as ClusterConfiguration;
    const { class: _class, controller: _controller, ...gatewayPlace } = gateway;
    return { cluster, namespace_prefix, gateway: gatewayPlace, api_server_cidrs };
  }

  private admit(caller: ServiceFunction, group: AccessGroup): void {
    const known = this.groups.get(caller);
    if (known) {
      known.add(group);
      return;
    }
    const groups = new Set([group]);
    this.groups.set(caller, groups);
    const arns = this.names.map((cluster) => Stack.of(this).formatArn({ service: "eks", resource: "cluster", resourceName: cluster }));
    caller.may(["eks:DescribeCluster"], arns);
    for (const clusterName of this.names) {
      new CfnAccessEntry(this, `${caller.functionId}In${clusterName}`, {
        clusterName,
        principalArn: caller.role?.roleArn as string,
        type: "STANDARD",
        kubernetesGroups: Lazy.list({ produce: () => [...groups].sort() }),
      });
    }
  }
}
