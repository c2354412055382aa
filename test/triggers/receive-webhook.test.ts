import { beforeEach, describe, expect, it } from "vitest";
import type { MlflowSource, ReportSources } from "../../domain/report-sources.ts";
import { takeWebhooks } from "../../lambdas/api/webhooks.ts";
import type { SageMakerLookups } from "../../lambdas/ports/report-lookups.ts";
import { httpHandler } from "../../lambdas/runtime/http-handler.ts";
import { interpreter } from "../../lambdas/triggers/interpret.ts";
import { receiveWebhook, type WebhookPorts } from "../../lambdas/triggers/receive-webhook.ts";
import { send } from "../doubles/http-event.ts";
import { type Installation, installation } from "../doubles/installation.ts";
import { quietLog } from "../doubles/quiet-log.ts";
import { type Signing, signed } from "../doubles/signed.ts";

const mlflow: MlflowSource = {
  ...{ kind: "mlflow", group: "fraud", models: {}, aliases: { champion: "production" }, tags: {}, runtime: null },
  ...{ artifact_tag: "slipway.artifact_uri", artifact_prefixes: {}, tracking: null },
};
const sources: ReportSources = {
  sagemaker: { model_package_groups: {}, training_jobs: {} },
  webhooks: { ci: { kind: "generic", groups: ["fraud"] }, everybody: { kind: "generic", groups: null }, mlflow },
};
const secret = "the secret of this webhook";

let system: Installation;
let ports: WebhookPorts;
let secrets: string[];
let looked: boolean[];
beforeEach(async () => {
  system = installation();
  secrets = [secret];
  looked = [];
  const tracking = { version: async () => undefined, alias: async () => undefined };
  ports = {
    ...system,
    log: { warn: (message: string) => system.log.warn(message) },
    interpret: interpreter(sources, { tracking, sageMaker: {} as SageMakerLookups }),
    sources,
    secrets: {
      of: async (_source, anew = false) => {
        looked.push(anew);
        return secrets;
      },
    },
  };
  await system.member("POST /v1/models", { body: { group: "fraud", name: "card" } });
});

interface Delivery extends Signing {
  to?: string;
  by?: string | Buffer;
  headers?: Record<string, string>;
  base64?: boolean;
  contentType?: string;
}
const route = "POST /v1/webhooks/{source}";
function deliver(
  body: object | string,
  { to = "ci", by = secret, headers, base64 = false, contentType = "application/json", ...signing }: Delivery = {},
) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const timestamp = Math.floor(system.clock.now() / 1000);
  const all = { "content-type": contentType, ...(headers ?? signed(text, by, { timestamp, ...signing })) };
  const handler = httpHandler(
    takeWebhooks((request) => receiveWebhook(request, ports)),
    quietLog(),
  );
  return send(handler, { route, parameters: { source: to }, headers: all, body: text, base64 });
}
const report = (over: object = {}) => ({
  id: "build-812",
  model: { group: "fraud", name: "card" },
  artifact_uri: "s3://artifacts/card/812",
  ...over,
});
const versions = () => system.record.versions.get("fraud/card") ?? [];
const triggers = () => [...system.triggers.all.values()];

describe("a signed delivery", () => {
  it("of CI registers the version that it reports", async () => {
    const answer = await deliver(report({ sequence: 812, metrics: { accuracy: 0.97 } }));
    expect(answer).toMatchObject({ status: 200, body: { outcome: "REGISTERED", version: 1, group: "fraud", model: "card" } });
    expect(answer.body).not.toHaveProperty("payload");
    expect(versions()).toMatchObject([{ registered_by: "ci", source: { name: "ci", id: "build-812", sequence: 812 } }]);
  });

  it("is signed over the bytes that were sent, also where the gateway hands them on in base64", async () => {
    const body = '{ "id":"é-1",\n "model": {"group":"fraud","name":"card"}, "artifact_uri": "s3://artifacts/card/1" }';
    expect(await deliver(body, { base64: true })).toMatchObject({ status: 200, body: { outcome: "REGISTERED" } });
  });

  it("may be signed with the secret as libraries for Standard Webhooks read it", async () => {
    const key = Buffer.from("a key of twenty-four bytes");
    secrets = [`whsec_${key.toString("base64")}`];
    expect((await deliver(report(), { by: key })).status).toBe(200);
    secrets = [key.toString("base64")];
    expect((await deliver(report(), { by: key, id: "d-2" })).status).toBe(200);
  });

  it("is believed under either secret while they are being changed, after one more look", async () => {
    expect((await deliver(report())).status).toBe(200);
    expect(looked).toEqual([false]);
    secrets = ["the next one", secret];
    expect((await deliver(report(), { id: "d-2" })).status).toBe(200);
    expect((await deliver(report(), { id: "d-3", by: "the next one" })).status).toBe(200);
  });

  it("that comes again has no effect and the same answer", async () => {
    const first = await deliver(report());
    const again = await deliver(report());
    expect(again.body).toEqual(first.body);
    expect(versions()).toHaveLength(1);
    expect(triggers()).toMatchObject([{ attempts: 1 }]);
  });

  it("with other content under a name that is known is kept as a conflict and changes nothing", async () => {
    await deliver(report());
    const other = await deliver(report({ artifact_uri: "s3://artifacts/card/other" }), { id: "d-2" });
    expect(other.body).toMatchObject({ outcome: "CONFLICT", version: 1 });
    expect(versions()).toMatchObject([{ artifact_uri: "s3://artifacts/card/812" }]);
    expect(triggers()).toHaveLength(2);
  });

  it.each([
    ["a field that is not known", report({ colour: "green" }), /colour/],
    ["a model that is not known", report({ model: { group: "fraud", name: "nowhere" } }), /there is no model fraud\/nowhere/],
    ["a group that is not the webhook's", report({ model: { group: "risk", name: "card" } }), /may not report for the group risk/],
  ])("of %s is kept with its reason", async (_what, body, reason) => {
    const answer = await deliver(body);
    expect(answer).toMatchObject({ status: 200, body: { outcome: "UNUSABLE" } });
    expect(answer.body.reason).toMatch(reason);
    expect(versions()).toEqual([]);
  });

  it("that could not be used does its work when it comes again, or is replayed, once that is possible", async () => {
    const later = report({ model: { group: "fraud", name: "later" } });
    const { id } = (await deliver(later)).body;
    await system.member("POST /v1/models", { body: { group: "fraud", name: "later" } });
    expect((await deliver(later)).body).toMatchObject({ id, outcome: "REGISTERED", attempts: 2 });
  });
});

describe("what is not to be believed", () => {
  const now = () => Math.floor(system.clock.now() / 1000);
  it.each<[string, () => Delivery, RegExp]>([
    ["is not signed", () => ({ headers: {} }), /no id/],
    ["is signed under another secret", () => ({ by: "guessed" }), /its signature is not that/],
    ["was signed too long ago", () => ({ timestamp: now() - 301 }), /its timestamp is 301 s from now/],
    ["is signed for later", () => ({ timestamp: now() + 301 }), /-301 s from now/],
    ["has no time", () => ({ headers: { "webhook-id": "d-1", "webhook-signature": "v1,AAAA" } }), /no timestamp/],
    [
      "has a signature of another kind",
      () => ({ headers: { ...signed("{}", secret, { timestamp: now() }), "webhook-signature": "v1a,AAAA" } }),
      /not signed/,
    ],
    ["has the headers of MLflow", () => ({ kind: "mlflow" }), /no id/],
  ])("because it %s is refused, and nothing of it is kept", async (_what, how, reason) => {
    const answer = await deliver(report(), how());
    expect(answer).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
    expect(answer.body.detail).toMatch(reason);
    expect(JSON.stringify(answer)).not.toContain(secret);
    expect(triggers()).toEqual([]);
    expect(versions()).toEqual([]);
  });

  it("is not even read", async () => {
    expect((await deliver("{ no JSON", { by: "guessed" })).status).toBe(401);
    expect((await deliver("{ no JSON")).status).toBe(400);
    expect((await deliver("[]")).status).toBe(400);
    expect((await deliver(report(), { contentType: "text/plain" })).status).toBe(400);
    expect(triggers()).toEqual([]);
  });

  it("asks for no secret unless it could be right", async () => {
    await deliver(report(), { headers: {} });
    await deliver(report(), { timestamp: now() - 1_000 });
    expect(looked).toEqual([]);
  });

  it("has its body changed on its way", async () => {
    const headers = signed(JSON.stringify(report()), secret, { timestamp: now() });
    expect((await deliver(report({ artifact_uri: "s3://elsewhere/card" }), { headers })).status).toBe(401);
  });

  it("goes to a webhook that is not configured", async () => {
    for (const to of ["nowhere", "__proto__", "constructor"]) expect((await deliver(report(), { to })).status).toBe(404);
  });
});

describe("a delivery of MLflow", () => {
  it("registers the version of the group that its webhook is for", async () => {
    const data = { name: "card", version: "1", source: "s3://artifacts/card/1", run_id: null, tags: {}, description: null };
    const body = { entity: "model_version", action: "created", timestamp: "2026-11-21T09:00:00.000000+00:00", data };
    const answer = await deliver(body, { to: "mlflow", kind: "mlflow" });
    expect(answer.body).toMatchObject({ kind: "model_version.created", outcome: "REGISTERED", group: "fraud", model: "card", version: 1 });
  });

  it("that speaks of a version before its own delivery came is asked for once more, and then has its effect once", async () => {
    const alias = { entity: "model_version_alias", action: "created", data: { name: "card", alias: "champion", version: "1" } };
    const early = await deliver(alias, { to: "mlflow", kind: "mlflow", id: "alias" });
    expect(early).toMatchObject({ status: 503, body: { code: "report-incomplete" }, headers: { "retry-after": "5" } });
    expect(triggers()).toMatchObject([{ outcome: "UNUSABLE", group: "fraud", reason: "mlflow has not reported card/1 of fraud/card yet" }]);
    const created = { entity: "model_version", action: "created", data: { name: "card", version: "1", source: "s3://artifacts/card/1" } };
    await deliver(created, { to: "mlflow", kind: "mlflow", id: "created" });
    const again = await deliver(alias, { to: "mlflow", kind: "mlflow", id: "alias" });
    expect(again).toMatchObject({ status: 200, body: { outcome: "PROMOTED", version: 1 } });
    await deliver(alias, { to: "mlflow", kind: "mlflow", id: "alias" });
    expect([...system.promotions.all.values()]).toMatchObject([{ environment: "production", automatic: true, requested_by: "mlflow" }]);
  });
});
