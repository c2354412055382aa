import type { Application } from "../../template/application.ts";
import { arn } from "../../template/place.ts";
import { AwsError } from "../error.ts";
import type { AwsService } from "../service.ts";

export interface ClusterAddress {
  name: string;
  endpoint: string;
  /** Base64 of the PEM. */
  certificateAuthority: string;
}

/** EKS tells where the API server of a cluster is, and whom the template lets in; nothing can be changed by it. */
export function eksService(cluster: () => ClusterAddress, application: Application): AwsService {
  return {
    handle: async ({ path }) => {
      const [asked, kind, one] = path.split("/").slice(2).map(decodeURIComponent);
      const address = cluster();
      if (!asked) return { status: 200, body: { clusters: [address.name] } };
      if (asked !== address.name) throw notFound(`No cluster found for name: ${asked}.`);
      if (kind === undefined) return { status: 200, body: { cluster: described(address) } };
      if (kind === "addons") throw notFound(`No addon: ${one} found in cluster: ${asked}`);
      return { status: 200, body: accessEntries(application, asked, one) };
    },
  };
}

const notFound = (message: string) => new AwsError("ResourceNotFoundException", message, 404);

function described({ name, endpoint, certificateAuthority }: ClusterAddress): object {
  return {
    ...{ name, arn: arn("eks", `cluster/${name}`), endpoint, status: "ACTIVE" },
    certificateAuthority: { data: certificateAuthority },
    accessConfig: { authenticationMode: "API" },
    resourcesVpcConfig: { endpointPublicAccess: true, endpointPrivateAccess: false, publicAccessCidrs: ["0.0.0.0/0"] },
  };
}

function accessEntries(application: Application, cluster: string, principal: string | undefined): object {
  const entries = application.ofType("AWS::EKS::AccessEntry").filter(({ properties }) => properties.ClusterName === cluster);
  if (!principal) return { accessEntries: entries.map(({ properties }) => properties.PrincipalArn) };
  const properties = entries.find((entry) => entry.properties.PrincipalArn === principal)?.properties;
  if (!properties) throw notFound(`The specified principalArn could not be found: ${principal}`);
  const { KubernetesGroups = [], Type = "STANDARD" } = properties;
  return { accessEntry: { clusterName: cluster, principalArn: principal, kubernetesGroups: KubernetesGroups, type: Type } };
}
