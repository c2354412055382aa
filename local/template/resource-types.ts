import { createHash } from "node:crypto";
import { secretArn } from "../aws/secrets-manager/store.ts";
import { account, arn, region } from "./place.ts";

export type Properties = Record<string, unknown>;

/** What `Ref` and `Fn::GetAtt` give for a resource. */
export interface Identity {
  ref: string;
  attributes: Record<string, string>;
}

export interface Naming {
  logicalId: string;
  /** `<stack>-<logical id>`, cut to the length that the service allows; used where the template names nothing. */
  generated(longest?: number): string;
  /** A property's value with its intrinsics resolved. */
  property(name: string): unknown;
  /** `http://127.0.0.1:<port>` */
  origin: string;
}

type Identify = (naming: Naming) => Identity;

/** Resource types that the local runtime carries out. */
export const carriedOut: Record<string, Identify> = {
  "AWS::ApiGateway::Account": (n) => plain(shortId(n), { Id: shortId(n) }),
  "AWS::ApiGateway::Authorizer": (n) => plain(shortId(n), { AuthorizerId: shortId(n) }),
  "AWS::ApiGateway::Method": (n) => plain(shortId(n)),
  "AWS::ApiGateway::Resource": (n) => plain(shortId(n), { ResourceId: shortId(n) }),
  "AWS::ApiGateway::RestApi": (n) => plain(shortId(n), { RootResourceId: `${shortId(n)}-root`, RestApiId: shortId(n) }),
  "AWS::ApiGateway::GatewayResponse": (n) => plain(shortId(n), { Id: shortId(n) }),
  "AWS::ApiGateway::Stage": (n) => plain(named(n, "StageName", 128)),
  "AWS::ApiGatewayV2::Api": (n) => plain(shortId(n), { ApiEndpoint: n.origin, ApiId: shortId(n) }),
  "AWS::ApiGatewayV2::Authorizer": (n) => plain(shortId(n), { AuthorizerId: shortId(n) }),
  "AWS::ApiGatewayV2::Integration": (n) => plain(shortId(n), { IntegrationId: shortId(n) }),
  "AWS::ApiGatewayV2::Route": (n) => plain(shortId(n), { RouteId: shortId(n) }),
  "AWS::ApiGatewayV2::Stage": (n) => plain(named(n, "StageName", 128)),
  "AWS::DynamoDB::GlobalTable": table,
  "AWS::DynamoDB::Table": table,
  "AWS::EKS::AccessEntry": (n) => plain(`${n.property("PrincipalArn")}|${n.property("ClusterName")}`),
  "AWS::Events::EventBus": (n) => byName(n, "Name", "events", (name) => `event-bus/${name}`),
  "AWS::Events::Rule": eventRule,
  "AWS::IAM::ManagedPolicy": (n) => {
    const policy = `arn:aws:iam::${account}:policy/${named(n, "ManagedPolicyName", 128)}`;
    return plain(policy, { PolicyArn: policy });
  },
  "AWS::IAM::Policy": (n) => plain(named(n, "PolicyName", 128)),
  "AWS::IAM::Role": (n) => {
    const name = named(n, "RoleName", 64);
    return plain(name, { Arn: `arn:aws:iam::${account}:role/${name}`, RoleId: `AROA${digest(name, 17)}` });
  },
  "AWS::KMS::Alias": (n) => plain(String(n.property("AliasName"))),
  "AWS::KMS::Key": (n) => plain(shortId(n), { Arn: arn("kms", `key/${shortId(n)}`), KeyId: shortId(n) }),
  "AWS::Lambda::EventInvokeConfig": (n) => plain(shortId(n)),
  "AWS::Lambda::EventSourceMapping": (n) =>
    plain(shortId(n), { EventSourceMappingArn: arn("lambda", `event-source-mapping:${shortId(n)}`) }),
  "AWS::Lambda::Function": (n) => byName(n, "FunctionName", "lambda", (name) => `function:${name}`),
  "AWS::Lambda::Permission": (n) => plain(shortId(n)),
  "AWS::Logs::LogGroup": (n) => byName(n, "LogGroupName", "logs", (name) => `log-group:${name}:*`, 512),
  "AWS::S3::Bucket": (n) => {
    const name = String(n.property("BucketName") ?? n.generated(63).toLowerCase());
    return plain(name, {
      Arn: `arn:aws:s3:::${name}`,
      DomainName: `${name}.s3.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
    });
  },
  "AWS::SecretsManager::Secret": (n) => plain(secretArn(named(n, "Name", 512)), { Id: secretArn(named(n, "Name", 512)) }),
  "AWS::SNS::Topic": (n) => {
    const name = named(n, "TopicName", 256);
    return plain(arn("sns", name), { TopicArn: arn("sns", name), TopicName: name });
  },
  "AWS::SNS::TopicPolicy": (n) => plain(shortId(n)),
  "AWS::SQS::Queue": (n) => {
    const name = named(n, "QueueName", 80);
    return plain(`${n.origin}/aws/${account}/${name}`, {
      Arn: arn("sqs", name),
      QueueName: name,
      QueueUrl: `${n.origin}/aws/${account}/${name}`,
    });
  },
  "AWS::StepFunctions::StateMachine": (n) => {
    const name = named(n, "StateMachineName", 80);
    const machine = arn("states", `stateMachine:${name}`);
    return plain(machine, { Arn: machine, Name: name });
  },
};

function table(naming: Naming): Identity {
  const name = named(naming, "TableName", 255);
  const tableArn = arn("dynamodb", `table/${name}`);
  return plain(name, { Arn: tableArn, StreamArn: `${tableArn}/stream/local`, TableId: shortId(naming) });
}

function eventRule(naming: Naming): Identity {
  const name = named(naming, "Name", 64);
  const bus = String(naming.property("EventBusName") ?? "default").replace(/^.*event-bus\//, "");
  return plain(name, { Arn: arn("events", bus === "default" ? `rule/${name}` : `rule/${bus}/${name}`) });
}

const plain = (ref: string, attributes: Record<string, string> = {}): Identity => ({ ref, attributes });
const named = (naming: Naming, property: string, longest: number): string => String(naming.property(property) ?? naming.generated(longest));

function byName(naming: Naming, property: string, service: string, resource: (name: string) => string, longest = 64): Identity {
  const name = named(naming, property, longest);
  return plain(name, { Arn: arn(service, resource(name)), Name: name });
}

const shortId = (naming: Naming): string => digest(naming.generated(), 10).toLowerCase();
const digest = (text: string, length: number): string => createHash("sha256").update(text).digest("hex").slice(0, length).toUpperCase();
