import { randomUUID } from "node:crypto";
import { assumedRole } from "../../iam/roles.ts";
import { account } from "../../template/place.ts";
import type { Credentials } from "../credentials.ts";
import { AwsError } from "../error.ts";
import type { AwsService } from "../service.ts";

/** STS answers who a caller is; nothing is assumed here, since each function is given its role's key. */
export function stsService(credentials: Credentials): AwsService {
  return {
    handle: async ({ query, body, principal }) => {
      const action = query.get("Action") ?? new URLSearchParams(body.toString("utf8")).get("Action");
      if (action !== "GetCallerIdentity") throw new AwsError("InvalidAction", `The local STS does not know ${action}`);
      const issued = credentials.find(principal.access_key_id);
      const arn = issued?.role_arn ? assumedRole(issued.role_arn, issued.session) : `arn:aws:iam::${account}:root`;
      return { status: 200, headers: { "content-type": "text/xml" }, body: identity(arn, principal.access_key_id) };
    },
  };
}

const identity = (arn: string, userId: string): string =>
  `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>${arn}</Arn>` +
  `<UserId>${userId}</UserId><Account>${account}</Account></GetCallerIdentityResult>` +
  `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`;
