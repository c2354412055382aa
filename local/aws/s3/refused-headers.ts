import { account } from "../../template/place.ts";
import { AwsError } from "../error.ts";
import type { AwsCall } from "../service.ts";
import { notBuilt } from "./operation.ts";

/** Headers that ask for an effect which is not here, with the values that ask for nothing more than what is. */
const notHere: [name: RegExp, harmless: string[]][] = [
  [/^x-amz-storage-class$/, ["STANDARD"]],
  [/^x-amz-server-side-encryption$/, ["AES256"]],
  [/^x-amz-(copy-source-)?server-side-encryption-(?!bucket-key-enabled).*$/, []],
  [/^x-amz-tagging$/, []],
  [/^x-amz-tagging-directive$/, ["COPY"]],
  [/^x-amz-object-lock-.*$/, []],
  [/^x-amz-bucket-object-lock-enabled$/, ["false"]],
  [/^x-amz-object-ownership$/, ["BucketOwnerEnforced"]],
  [/^x-amz-(bucket-namespace|mfa|write-offset-bytes|website-redirect-location|if-match-.*)$/, []],
];
const accessLists: typeof notHere = [
  [/^x-amz-acl$/, ["private", "bucket-owner-full-control"]],
  [/^x-amz-grant-.*$/, []],
];

/** Errors: NotImplemented, AccessControlListNotSupported, AccessDenied; nothing has been done then. */
export function refuseHeaders({ headers }: Pick<AwsCall, "headers">): void {
  for (const [name, value] of Object.entries(headers)) {
    if (asksMore(notHere, name, String(value))) throw notBuilt(`${name}: ${value}`);
    if (asksMore(accessLists, name, String(value)))
      throw new AwsError("AccessControlListNotSupported", `The bucket does not allow ACLs: ${name}: ${value}`);
    if (/^x-amz-(source-)?expected-bucket-owner$/.test(name) && value !== account)
      throw new AwsError("AccessDenied", `Access Denied: all buckets are of the account ${account}`, 403);
  }
}

const asksMore = (refused: typeof notHere, header: string, value: string): boolean =>
  refused.some(([name, harmless]) => name.test(header) && !harmless.includes(value));
