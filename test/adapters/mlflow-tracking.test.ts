import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mlflowTracking } from "../../lambdas/adapters/mlflow-tracking.ts";
import { CannotBeAsked } from "../../lambdas/ports/report-lookups.ts";
import { answering } from "../doubles/aws-calls.ts";

const version = (over: object) => ({
  model_version: { name: "Iris Model", version: "2", current_stage: "None", status: "READY", ...over },
});
const missing = { error_code: "RESOURCE_DOES_NOT_EXIST", message: "Model Version (name=Iris Model, version=9) not found" };
const location = "s3://artifacts/mlflow/0/models/m-f80b/artifacts";

/** As MLflow 3.17 answers, by path and query. */
const recorded: Record<string, [number, unknown]> = {
  "model-versions/get?name=Iris+Model&version=2": [200, version({ source: "models:/m-f80b", tags: [{ key: "team", value: "risk" }] })],
  "model-versions/get-download-uri?name=Iris+Model&version=2": [200, { artifact_uri: location }],
  "model-versions/get?name=Iris+Model&version=3": [200, version({ version: "3", source: "runs:/f937/model" })],
  "model-versions/get-download-uri?name=Iris+Model&version=3": [200, { artifact_uri: "runs:/f937/model" }],
  "model-versions/get?name=Iris+Model&version=9": [404, missing],
  "model-versions/get-download-uri?name=Iris+Model&version=9": [404, missing],
  "runs/get?run_id=f937": [200, { run: { info: { artifact_uri: "s3://artifacts/mlflow/0/f937/artifacts" } } }],
  "registered-models/alias?name=Iris+Model&alias=champion": [200, version({ aliases: ["champion"] })],
  "registered-models/alias?name=Iris+Model&alias=nobody": [
    400,
    { error_code: "INVALID_PARAMETER_VALUE", message: "Registered model alias nobody not found." },
  ],
  "registered-models/alias?name=busy&alias=a": [503, "<html>"],
  "registered-models/alias?name=closed&alias=a": [401, { error_code: "UNAUTHENTICATED", message: "You are not authenticated" }],
  "registered-models/alias?name=page&alias=a": [200, "<html>a proxy's page"],
};

let server: Server;
let url: string;
let authorizations: (string | undefined)[];
beforeEach(async () => {
  authorizations = [];
  server = createServer((request, response) => {
    authorizations.push(request.headers.authorization);
    const [status, body] = recorded[(request.url ?? "").replace("/base/api/2.0/mlflow/", "")] ?? [
      404,
      { error_code: "ENDPOINT_NOT_FOUND" },
    ];
    response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const tracking = (secret: unknown = {}) => mlflowTracking(answering(() => ({ SecretString: JSON.stringify(secret) })).call);
const open = () => ({ url, credentials_secret: null });
const closed = () => ({ url, credentials_secret: "mlflow/reader" });

describe("an MLflow server", () => {
  it("says where the files of a version lie that was logged as a model", async () => {
    expect(await tracking().version(open(), "Iris Model", "2")).toEqual({ location, tags: { team: "risk" } });
  });

  it("says it of one that was logged in a run, by that run", async () => {
    const found = await tracking().version(open(), "Iris Model", "3");
    expect(found).toEqual({ location: "s3://artifacts/mlflow/0/f937/artifacts/model", tags: {} });
  });

  it("says which version has an alias now, if one has", async () => {
    expect(await tracking().alias(open(), "Iris Model", "champion")).toBe("2");
    expect(await tracking().alias(open(), "Iris Model", "nobody")).toBeUndefined();
    expect(await tracking().version(open(), "Iris Model", "9")).toBeUndefined();
  });

  it.each([
    [{ username: "reader", password: "pass" }, `Basic ${Buffer.from("reader:pass").toString("base64")}`],
    [{ token: "t-1" }, "Bearer t-1"],
  ])("is asked as the configured secret says", async (secret, authorization) => {
    await tracking(secret).alias(closed(), "Iris Model", "champion");
    expect(authorizations).toEqual([authorization]);
    await tracking(secret).alias(open(), "Iris Model", "champion");
    expect(authorizations[1]).toBeUndefined();
  });
});

describe("what cannot be asked", () => {
  it.each([
    ["a server that is busy, for the moment", "busy", true, /answers 503 to http:\/\/127\.0\.0\.1:\d+\/base\/api/],
    ["a server that does not know us, until somebody acts", "closed", false, /401 UNAUTHENTICATED .* tracking\.credentials_secret/],
    ["something else at its address", "page", false, /answers 200 to/],
  ])("is %s", async (_what, name, passes, message) => {
    const failed = await tracking()
      .alias(open(), name, "a")
      .catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(CannotBeAsked);
    expect(failed).toMatchObject({ passes, message: expect.stringMatching(message) });
  });

  it("is a server that is not there, for the moment", async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const failed = await tracking()
      .alias(open(), "Iris Model", "champion")
      .catch((error: unknown) => error);
    expect(failed).toMatchObject({ passes: true, message: expect.stringContaining("does not answer") });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });

  it("is one whose secret says nothing of use, and is not told", async () => {
    const failed = await tracking({ key: "canary" })
      .alias(closed(), "Iris Model", "champion")
      .catch((error: Error) => error);
    expect(failed).toMatchObject({ passes: false });
    expect(String(failed)).not.toContain("canary");
    expect(authorizations).toEqual([]);
  });
});
