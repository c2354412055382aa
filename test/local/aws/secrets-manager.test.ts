import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { jsonCalls } from "../../../lambdas/runtime/aws-json.ts";
import { Credentials } from "../../../local/aws/credentials.ts";
import { awsEndpoint } from "../../../local/aws/endpoint.ts";
import { secretsManagerService } from "../../../local/aws/secrets-manager/service.ts";
import { SecretStore, secretArn } from "../../../local/aws/secrets-manager/store.ts";
import { Roles } from "../../../local/iam/roles.ts";
import { type Database, openDatabase } from "../../../local/storage/database.ts";
import { clientAt } from "../../doubles/aws-calls.ts";
import { templateOf } from "../template-of.ts";

const role = (...Resource: string[]) => ({
  Type: "AWS::IAM::Role",
  Properties: {
    Policies: [
      { PolicyName: "own", PolicyDocument: { Statement: [{ Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource }] } },
    ],
  },
});
const roles = new Roles(
  templateOf({ Reader: role(secretArn("ci"), "arn:aws:secretsmanager:us-east-1:000000000000:secret:mlflow/reader-??????") }),
);

let folder: string;
let database: Database;
let server: Server;
let endpoint: string;
const credentials = new Credentials();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-secrets-"));
  database = openDatabase(folder);
  const services = { secretsmanager: secretsManagerService(new SecretStore(database)) };
  const handler = awsEndpoint({ credentials, roles, tableKeys: new Map(), services, onDenied: () => {} });
  server = createServer((request, response) => void handler(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/aws`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As a role of the template, or as the person at the keyboard. */
function callAs(name?: string) {
  const issued = name && credentials.issue(`arn:aws:iam::000000000000:role/App-${name}`, name);
  const by = issued
    ? { accessKeyId: issued.AWS_ACCESS_KEY_ID, secretAccessKey: issued.AWS_SECRET_ACCESS_KEY, sessionToken: issued.AWS_SESSION_TOKEN }
    : { accessKeyId: "anything", secretAccessKey: "x" };
  return jsonCalls(clientAt(endpoint, "SECRETS_MANAGER", by), { version: "1.1", target: "secretsmanager" });
}

describe("secrets", () => {
  it("are made, read by name and ARN, and changed, the former value staying the previous one", async () => {
    const call = callAs();
    const { ARN } = await call("CreateSecret", { Name: "ci", SecretString: "one" });
    const put = await call("PutSecretValue", { SecretId: "ci", SecretString: "two", ClientRequestToken: "2".repeat(32) });
    expect(put).toMatchObject({ ARN, Name: "ci", VersionId: "2".repeat(32), VersionStages: ["AWSCURRENT"] });
    expect(await call("GetSecretValue", { SecretId: ARN })).toMatchObject({ SecretString: "two", VersionStages: ["AWSCURRENT"] });
    expect(await call("GetSecretValue", { SecretId: "ci", VersionStage: "AWSPREVIOUS" })).toMatchObject({ SecretString: "one" });
    expect(await call("GetSecretValue", { SecretId: "ci", VersionId: "2".repeat(32) })).toMatchObject({ SecretString: "two" });
    await call("PutSecretValue", { SecretId: "ci", SecretString: "two", ClientRequestToken: "2".repeat(32) });
    expect(await call("GetSecretValue", { SecretId: "ci", VersionStage: "AWSPREVIOUS" })).toMatchObject({ SecretString: "one" });
    const { VersionIdsToStages } = await call("DescribeSecret", { SecretId: "ci" });
    expect(Object.values(VersionIdsToStages).sort()).toEqual([["AWSCURRENT"], ["AWSPREVIOUS"]]);
  });

  it("are refused in the service's own words", async () => {
    const call = callAs();
    await expect(call("GetSecretValue", { SecretId: "nowhere" })).rejects.toMatchObject({ name: "ResourceNotFoundException", status: 400 });
    await call("CreateSecret", { Name: "ci", SecretString: "one" });
    await expect(call("CreateSecret", { Name: "ci", SecretString: "one" })).rejects.toMatchObject({ name: "ResourceExistsException" });
    const previous = { SecretId: "ci", VersionStage: "AWSPREVIOUS" };
    await expect(call("GetSecretValue", previous)).rejects.toThrow("staging label: AWSPREVIOUS");
  });

  it("are listed by name, page by page", async () => {
    const call = callAs();
    for (const Name of ["b", "c/d", "a"]) await call("CreateSecret", { Name, SecretString: Name });
    const first = await call("ListSecrets", { MaxResults: 2 });
    const second = await call("ListSecrets", { MaxResults: 2, NextToken: first.NextToken });
    const named = [first, second].map(({ SecretList }) => SecretList.map(({ Name }: { Name: string }) => Name));
    expect([named, second.NextToken]).toEqual([[["a", "b"], ["c/d"]], undefined]);
    expect(first.SecretList[0].CreatedDate).toBeGreaterThan(1_700_000_000);
  });

  it.each(["SecretBinary", "KmsKeyId", "Tags", "Description"])("with %s are not made: it would be lost", async (field) => {
    const call = callAs();
    await expect(call("CreateSecret", { Name: "ci", SecretString: "one", [field]: "x" })).rejects.toThrow(field);
    await expect(call("CreateSecret", { Name: "a b", SecretString: "one" })).rejects.toMatchObject({ name: "InvalidParameterException" });
    expect((await call("ListSecrets", {})).SecretList).toEqual([]);
  });

  it("are read by whom the template allows, by name and ARN alike, and changed by nobody of it", async () => {
    await callAs()("CreateSecret", { Name: "ci", SecretString: "one" });
    await callAs()("CreateSecret", { Name: "mlflow/reader", SecretString: "{}" });
    await callAs()("CreateSecret", { Name: "other", SecretString: "two" });
    const reader = callAs("Reader");
    for (const SecretId of ["ci", secretArn("ci"), "mlflow/reader"])
      expect((await reader("GetSecretValue", { SecretId })).ARN).toBeDefined();
    for (const [action, SecretId] of [
      ["GetSecretValue", "other"],
      ["PutSecretValue", "ci"],
    ] as const)
      await expect(reader(action, { SecretId, SecretString: "x" })).rejects.toMatchObject({ name: "AccessDeniedException" });
  });
});
