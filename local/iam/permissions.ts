import type { Application } from "../template/application.ts";
import { matchesPattern } from "./pattern.ts";

interface PermissionProperties {
  FunctionName: string;
  Action: string;
  Principal: string;
  SourceArn?: string;
}

/** Which services may invoke which function: the resource policies that `AWS::Lambda::Permission` adds to. */
export class Permissions {
  private readonly permissions: PermissionProperties[];

  constructor(application: Application) {
    this.permissions = application.ofType("AWS::Lambda::Permission").map(({ properties }) => properties as unknown as PermissionProperties);
  }

  /** Errors: no permission lets the service invoke the function on behalf of the source, which AWS would refuse at run time. */
  require(functionArn: string, service: string, sourceArn: string, what: string): void {
    const allowed = this.permissions.some(
      ({ FunctionName, Action, Principal, SourceArn }) =>
        (FunctionName === functionArn || functionArn.endsWith(`:function:${FunctionName}`)) &&
        (Action === "lambda:InvokeFunction" || Action === "lambda:*") &&
        Principal === service &&
        (SourceArn === undefined || matchesPattern(SourceArn, sourceArn)),
    );
    if (!allowed)
      throw new Error(`${what} calls ${functionArn}, which has no AWS::Lambda::Permission for ${service} with the source ${sourceArn}`);
  }
}
