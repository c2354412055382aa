import type { Application } from "../template/application.ts";

interface Statement {
  Effect: string;
  Action: string | string[];
  Principal?: { Service?: string | string[] };
  Resource: string | string[];
}

/** Which services may publish to which topic: `AWS::SNS::TopicPolicy`. */
export class TopicPolicies {
  private readonly statements: Statement[];

  constructor(application: Application) {
    this.statements = application
      .ofType("AWS::SNS::TopicPolicy")
      .flatMap(({ properties }) => (properties.PolicyDocument as { Statement: Statement[] }).Statement);
  }

  /** Errors: no statement lets the service publish there, which AWS would refuse at run time. */
  requirePublish(topicArn: string, service: string, what: string): void {
    const isAllowed = this.statements.some(
      ({ Effect, Action, Principal, Resource }) =>
        Effect === "Allow" &&
        [Action].flat().includes("sns:Publish") &&
        [Principal?.Service].flat().includes(service) &&
        [Resource].flat().includes(topicArn),
    );
    if (!isAllowed) throw new Error(`${what} publishes to ${topicArn}, which no AWS::SNS::TopicPolicy allows ${service}`);
  }
}
