import { AwsError } from "../error.ts";
import type { AwsService } from "../service.ts";
import { type SecretStore, type SecretVersion, secretArn } from "./store.ts";

type Body = Record<string, unknown>;

const mostListed = 100;

/** Secrets Manager, as far as secrets are made, changed and read; rotation by functions is not here. */
export function secretsManagerService(store: SecretStore): AwsService {
  const operations: Record<string, (body: Body) => object> = {
    CreateSecret: (body) => {
      refuseFields(body, "SecretBinary", "KmsKeyId", "Description", "Tags", "AddReplicaRegions", "Type");
      const name = text(body, "Name");
      if (!/^[\w/+=.@-]{1,512}$/.test(name))
        throw new AwsError("InvalidParameterException", `Invalid name: ${name}. It has 1 to 512 of a-z A-Z 0-9 /_+=.@-`);
      if (!store.create(name)) {
        throw new AwsError("ResourceExistsException", `The operation failed because the secret ${name} already exists.`);
      }
      return { ARN: secretArn(name), Name: name, ...(body.SecretString !== undefined && { VersionId: put(store, name, body) }) };
    },
    PutSecretValue: (body) => {
      refuseFields(body, "SecretBinary", "VersionStages", "RotationToken");
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
      return { ...described(store, name), VersionIdsToStages: stagesOf(store, name) };
    },
    ListSecrets: (body) => listSecrets(store, body),
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

/** By name; a token is the last name of a page. */
function listSecrets(store: SecretStore, body: Body): object {
  refuseFields(body, "Filters", "SortBy", "SortOrder");
  const most = Number(body.MaxResults ?? mostListed);
  if (!(most >= 1 && most <= mostListed))
    throw new AwsError("InvalidParameterException", `MaxResults must be from 1 to ${mostListed}, given ${most}`);
  const after = Buffer.from(String(body.NextToken ?? ""), "base64url").toString();
  const names = store.names().filter((name) => name > after);
  const shown = names.slice(0, most);
  const SecretList = shown.map((name) => ({ ...described(store, name), SecretVersionsToStages: stagesOf(store, name) }));
  return { SecretList, ...(names.length > most && { NextToken: Buffer.from(shown.at(-1) ?? "").toString("base64url") }) };
}

/** Times in seconds since the epoch. */
function described(store: SecretStore, name: string): object {
  const changed = store.versions(name).at(-1)?.created_at ?? store.createdAt(name);
  return { ARN: secretArn(name), Name: name, CreatedDate: store.createdAt(name) / 1000, LastChangedDate: changed / 1000 };
}

function stagesOf(store: SecretStore, name: string): Record<string, string[]> {
  const staged = store.versions(name).filter(({ stages }) => stages.length > 0);
  return Object.fromEntries(staged.map(({ id, stages }) => [id, stages]));
}

function refuseFields(body: Body, ...fields: string[]): void {
  const given = fields.find((field) => body[field] !== undefined);
  if (given !== undefined) throw new AwsError("InvalidParameterException", `The local Secrets Manager does not know ${given}`);
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
