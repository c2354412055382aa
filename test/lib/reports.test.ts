import { describe, expect, it } from "vitest";
import { configured, constructOf, list, statementsByRole, synthesize } from "./synthesized.ts";

const tracking = { url: "https://mlflow.example.com", credentials_secret: "mlflow/reader" };
const mlflow = {
  ...{ kind: "mlflow" as const, group: "fraud", models: {}, aliases: { champion: "production" as const }, tags: {}, runtime: null },
  ...{ artifact_tag: "slipway.artifact_uri", artifact_prefixes: {}, tracking },
};
const synthesized = synthesize({
  configuration: configured((given) => {
    const sagemaker = {
      model_package_groups: { cards: { group: "fraud", model: "card" } },
      training_jobs: { "card-*": { group: "fraud", model: null } },
    };
    given.reports = { webhooks: { ci: { kind: "generic", groups: ["fraud"] }, registry: mlflow }, sagemaker };
  }),
});
const statements = statementsByRole(synthesized);
const secretsOf = (name: string) =>
  (statements[`${name}Role`] ?? [])
    .filter(({ Action }) => list(Action).includes("secretsmanager:GetSecretValue"))
    .map(({ Resource }) => JSON.stringify(Resource));

describe("reports", () => {
  it("are told of to every function that interprets them, as the configuration has them", () => {
    for (const name of ["ReceiveReport", "ReceiveWebhook", "ReceiveEvent"]) {
      const [, found] = synthesized.ofType("AWS::Lambda::Function").find(([, resource]) => constructOf(resource) === name) ?? [];
      expect(JSON.parse(found?.Properties.Environment.Variables.REPORTS)).toMatchObject({
        webhooks: { registry: { group: "fraud", tracking } },
      });
    }
  });

  it("have a secret for each webhook, which only the function that takes deliveries may read", () => {
    const secrets = synthesized.ofType("AWS::SecretsManager::Secret");
    expect(secrets.map(([, { Properties }]) => Properties.Name).sort()).toEqual(["slipway/webhooks/ci", "slipway/webhooks/registry"]);
    const readers = ["ReceiveReport", "ReceiveWebhook", "ReceiveEvent"].filter((name) =>
      secrets.some(([id]) => secretsOf(name).some((resource) => resource.includes(id))),
    );
    expect(readers).toEqual(["ReceiveWebhook"]);
  });

  it("may ask the tracking server as the configured secret says", () => {
    const askers = ["ReceiveReport", "ReceiveWebhook", "ReceiveEvent"].filter((name) =>
      secretsOf(name).join().includes("secret:mlflow/reader-??????"),
    );
    expect(askers).toEqual(["ReceiveReport", "ReceiveWebhook"]);
  });

  it("hear of SageMaker's jobs and packages on the default bus, and may describe those that are configured", () => {
    const patterns = synthesized
      .ofType("AWS::Events::Rule")
      .filter(([, { Properties }]) => !Properties.EventBusName && Properties.EventPattern);
    expect(patterns.map(([, { Properties }]) => Properties.EventPattern)).toEqual(
      expect.arrayContaining([
        { source: ["aws.sagemaker"], "detail-type": ["SageMaker Training Job State Change"], detail: { TrainingJobStatus: ["Completed"] } },
        {
          source: ["aws.sagemaker"],
          "detail-type": ["SageMaker Model Package State Change"],
          detail: { ModelApprovalStatus: ["Approved", "Rejected"] },
        },
      ]),
    );
    const described = (name: string) =>
      (statements[`${name}Role`] ?? [])
        .filter(({ Action }) => list(Action).some((action) => action.startsWith("sagemaker:")))
        .map(({ Action, Resource }) => `${list(Action)} ${/sagemaker:.*?([a-z]+-[a-z]+\/[^"]*)/.exec(JSON.stringify(Resource))?.[1]}`);
    const both = ["sagemaker:DescribeTrainingJob training-job/card-*", "sagemaker:DescribeModelPackage model-package/cards/*"];
    expect([described("ReceiveEvent"), described("ReceiveReport"), described("ReceiveWebhook")]).toEqual([both, both, []]);
  });
});
