import { AwsError } from "../error.ts";
import type { AwsService } from "../service.ts";
import { type SecretStore, type SecretVersion, secretArn } from "./store.ts";

type Body = Record<string, unknown>;

/** Secrets Manager, as far as secrets are made, changed and read; rotation by functions is not here. */
export function secretsManagerService(store: SecretStore): AwsService {
  const operations: Record<string, (body: Body) => object> = {
    CreateSecret: (body) => {
      const name = text(body, "Name");
      if (!store.create(name)) {
        throw new AwsError("ResourceExistsException", `The operation failed because the secret ${name} already exists.`);
      }
      return { ARN: secretArn(name), Name: name, ...(body.SecretString !== undefined && { VersionId: put(store, name, body) }) };
    },
    PutSecretValue: (body) => {
      const name = existing(store, body);
      return { ARN: secretArn(name), Name: name, VersionId: put(store, name, body), VersionStages: ["AWSCURRENT"] };
    },
    GetSecretValue: (body) => {
      const name = existing(store, body);
      const { id, value, created_at, stages } = versionOf(store.versions(name), body);
      const version = { VersionId: id, VersionStages: stages, CreatedDate: created_at / 1000 };
      return { ARN: secretArn(name), Name: name, SecretString: value, ...version };
    },
    DescribeSecret: (body) => {
      const name = existing(store, body);
      const staged = store.versions(name).filter(({ stages }) => stages.length > 0);
      return { ARN: secretArn(name), Name: name, VersionIdsToStages: Object.fromEntries(staged.map(({ id, stages }) => [id, stages])) };
    },
  };
  return {
    async handle(call) {
      const operation = operations[call.action ?? ""];
      if (!operation) throw new AwsError("UnknownOperationException", `The local Secrets Manager does not know ${call.action}`);
      const body = JSON.parse(call.body.toString("utf8") || "{}") as Body;
      return { status: 200, headers: { "content-type": "application/x-amz-json-1.1" }, body: operation(body) };
    },
  };
}

function text(body: Body, field: string): string {
  const value = body[field];
  if (typeof value === "string" && value !== "") return value;
  throw new AwsError("InvalidParameterException", `You must provide a value for the ${field} parameter.`);
}

function existing(store: SecretStore, body: Body): string {
  const name = store.find(text(body, "SecretId"));
  if (name !== undefined) return name;
  throw new AwsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
}

function put(store: SecretStore, name: string, body: Body): string {
  const token = body.ClientRequestToken;
  const { id, conflict } = store.put(name, text(body, "SecretString"), typeof token === "string" ? token : undefined);
  if (!conflict) return id;
  const message = "You can't modify an existing version, you can only create a new version.";
  throw new AwsError("ResourceExistsException", message);
}

function versionOf(versions: SecretVersion[], { VersionId: id, VersionStage: asked }: Body): SecretVersion {
  const stage = asked ?? (id === undefined ? "AWSCURRENT" : undefined);
  const found = versions.find(
    (version) => (id === undefined || version.id === id) && (stage === undefined || version.stages.includes(String(stage))),
  );
  if (found) return found;
  const what = stage === undefined ? `VersionId: ${id}` : `staging label: ${stage}`;
  throw new AwsError("ResourceNotFoundException", `Secrets Manager can't find the specified secret value for ${what}`);
}
