import { describe, expect, it } from "vitest";
import { webhookSecrets } from "../../lambdas/adapters/webhook-secrets.ts";
import { answering } from "../doubles/aws-calls.ts";
import { TestClock } from "../doubles/test-clock.ts";

const named = (name: string) => Object.assign(new Error(name), { name });
function secretsManager(values: Record<string, string>) {
  const clock = new TestClock();
  const { call, asked } = answering((_action, input) => {
    const value = values[(input as { VersionStage: string }).VersionStage];
    if (value === undefined) throw named("ResourceNotFoundException");
    return { SecretString: value };
  });
  return { clock, asked, secrets: webhookSecrets(call, clock) };
}

describe("the secrets of a webhook", () => {
  it("are the current one and, where that is not enough, the one before while it changes", async () => {
    const { secrets, asked } = secretsManager({ AWSCURRENT: "two", AWSPREVIOUS: "one" });
    const stagesAsked = () => asked.splice(0).map(({ action, input }) => [action, input]);
    const asking = (VersionStage: string) => ["GetSecretValue", { SecretId: "slipway/webhooks/ci", VersionStage }];
    expect(await secrets.of("ci")).toEqual(["two"]);
    expect(stagesAsked()).toEqual([asking("AWSCURRENT")]);
    expect(await secrets.of("ci", true)).toEqual(["two", "one"]);
    expect(stagesAsked()).toEqual([asking("AWSCURRENT"), asking("AWSPREVIOUS")]);
    expect(await secrets.of("ci")).toEqual(["two", "one"]);
    expect(stagesAsked()).toEqual([]);
    expect(await secretsManager({ AWSCURRENT: "one" }).secrets.of("ci", true)).toEqual(["one"]);
  });

  it("are kept, and looked at again when they have been changed, but not for each delivery that is not right", async () => {
    const values: Record<string, string> = { AWSCURRENT: "one" };
    const { secrets, asked, clock } = secretsManager(values);
    await secrets.of("ci", true);
    values.AWSCURRENT = "two";
    for (let again = 0; again < 100; again += 1) expect(await secrets.of("ci", true)).toEqual(["one"]);
    expect(asked).toHaveLength(2);
    clock.time += 5_000;
    expect(await secrets.of("ci", true)).toEqual(["two"]);
    expect(await secrets.of("ci")).toEqual(["two"]);
    expect(asked).toHaveLength(4);
    clock.time += 300_000;
    await secrets.of("ci");
    expect(asked).toHaveLength(5);
  });

  it("are asked for again when they could not be read", async () => {
    const values: Record<string, string> = {};
    const { secrets } = secretsManager(values);
    await expect(secrets.of("ci")).rejects.toThrow("ResourceNotFoundException");
    values.AWSCURRENT = "one";
    expect(await secrets.of("ci")).toEqual(["one"]);
  });
});
