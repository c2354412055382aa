import type { Application, DeployedStack } from "../../template/application.ts";
import { arn } from "../../template/place.ts";
import { AwsError } from "../error.ts";
import { type Body, queryAnswer, queryRequest } from "../query-protocol.ts";
import type { AwsService } from "../service.ts";

const namespace = "http://cloudformation.amazonaws.com/doc/2010-05-15/";

/** CloudFormation tells what the local system runs: its stacks as they were synthesized. Nothing can be deployed by it. */
export function cloudFormationService(application: Application): AwsService {
  const started = new Date().toISOString();
  const operations: Record<string, (body: Body) => object> = {
    DescribeStacks: ({ StackName }) => {
      const stacks = StackName === undefined ? application.stacks : [stackOf(application, StackName)];
      return { Stacks: stacks.map((stack) => described(stack, started)) };
    },
    ListStackResources: ({ StackName }) => {
      const { name } = stackOf(application, StackName);
      const resources = application.resources.filter(({ stack }) => stack === name);
      const common = { LastUpdatedTimestamp: started, ResourceStatus: "CREATE_COMPLETE" };
      return {
        StackResourceSummaries: resources.map(({ logicalId, ref, type }) => ({
          ...{ LogicalResourceId: logicalId, PhysicalResourceId: ref, ResourceType: type, ...common },
        })),
      };
    },
    GetTemplate: ({ StackName }) => ({ TemplateBody: JSON.stringify(stackOf(application, StackName).template) }),
  };
  return {
    handle: async (call) => {
      const { action, body } = queryRequest(call);
      const operation = operations[action];
      if (!operation) throw new AwsError("InvalidAction", `The local CloudFormation does not know ${action}`);
      return queryAnswer(action, namespace, operation(body));
    },
  };
}

/** By its name or its id. */
function stackOf({ stacks }: Application, given: unknown): DeployedStack {
  const found = stacks.find(({ name }) => given === name || given === idOf(name));
  if (found) return found;
  throw new AwsError("ValidationError", `Stack with id ${given} does not exist`);
}

const idOf = (name: string): string => arn("cloudformation", `stack/${name}/local`);

function described({ name, outputs }: DeployedStack, started: string): object {
  return {
    ...{ StackName: name, StackId: idOf(name), CreationTime: started, StackStatus: "CREATE_COMPLETE" },
    Outputs: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
  };
}
