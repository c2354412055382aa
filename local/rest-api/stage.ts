import type { Application } from "../template/application.ts";

/** The one stage that is served, without its name before the path, as behind a domain name. */
export interface Stage {
  api_id: string;
  name: string;
  variables: Record<string, string>;
  /** Where a line about each request goes, and in which form. */
  access_log: { destination_arn: string; format: string } | null;
}

interface StageProperties {
  RestApiId: string;
  StageName?: string;
  Variables?: Record<string, string>;
  AccessLogSetting?: { DestinationArn?: string; Format?: string };
}

/** Errors: a template with several REST APIs or stages, whose paths would be taken for each other's. */
export function readStage(application: Application): Stage {
  const apis = application.ofType("AWS::ApiGateway::RestApi");
  const stages = application.ofType("AWS::ApiGateway::Stage");
  if (apis.length > 1 || stages.length > 1)
    throw new Error(`The local system serves one REST API with one stage, not ${[...apis, ...stages].map(({ path }) => path).join(", ")}`);
  const { StageName = "local", Variables = {}, AccessLogSetting } = (stages[0]?.properties ?? {}) as unknown as StageProperties;
  const { DestinationArn, Format } = AccessLogSetting ?? {};
  return {
    api_id: apis[0]?.ref ?? "local",
    name: StageName,
    variables: Variables,
    access_log: DestinationArn === undefined || Format === undefined ? null : { destination_arn: DestinationArn, format: Format },
  };
}
