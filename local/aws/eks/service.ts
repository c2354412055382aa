import { arn } from "../../template/place.ts";
import { AwsError } from "../error.ts";
import type { AwsService } from "../service.ts";

export interface ClusterAddress {
  name: string;
  endpoint: string;
  /** Base64 of the PEM. */
  certificateAuthority: string;
}

/** EKS tells where the API server of a cluster is; nothing else is asked of it. */
export function eksService(cluster: () => ClusterAddress): AwsService {
  return {
    handle: async ({ path }) => {
      const { name, endpoint, certificateAuthority } = cluster();
      const asked = path.split("/")[2];
      if (!asked) return { status: 200, body: { clusters: [name] } };
      if (decodeURIComponent(asked) !== name) throw new AwsError("ResourceNotFoundException", `No cluster found for name: ${asked}.`, 404);
      return {
        status: 200,
        body: {
          cluster: {
            name,
            arn: arn("eks", `cluster/${name}`),
            endpoint,
            certificateAuthority: { data: certificateAuthority },
            status: "ACTIVE",
            accessConfig: { authenticationMode: "API" },
          },
        },
      };
    },
  };
}
