import { describe, expect, it } from "vitest";
import { WorkflowError } from "../../domain/errors.ts";
import { AwsError, NoAnswer } from "../../lambdas/runtime/aws-error.ts";
import { stepHandler } from "../../lambdas/runtime/step-handler.ts";
import { lambdaContext } from "../doubles/http-event.ts";
import { quietLog } from "../doubles/quiet-log.ts";

const input = { uid: "01U", operation_id: "01O", epoch: 2 };

const cancelled = (...codes: string[]) =>
  new AwsError("TransactionCanceledException", "cancelled", { members: { CancellationReasons: codes.map((Code) => ({ Code })) } });

describe("the step wrapper", () => {
  it("hands the input on with the time that is left", async () => {
    const handler = stepHandler(async (given, { remainingMilliseconds }) => ({ given, left: remainingMilliseconds() }), quietLog());
    expect(await handler(input, lambdaContext)).toEqual({ given: input, left: 29_000 });
  });

  it("lets a workflow error through under its name, and logs its cause", async () => {
    const log = quietLog();
    const handler = stepHandler(async () => {
      throw new WorkflowError("SlotFailed", "ImagePullBackOff", "image cannot be pulled");
    }, log);
    await expect(handler(input, lambdaContext)).rejects.toMatchObject({ name: "SlotFailed", message: "image cannot be pulled" });
    expect(log.lines).toContainEqual({
      level: "warn",
      message: "image cannot be pulled",
      extra: { error_name: "SlotFailed", reason: "ImagePullBackOff" },
    });
  });

  it.each([
    ["no answer", new NoAnswer("POST dynamodb: not answered within 3000 ms", false), "NoAnswer"],
    ["a service that has broken down", new AwsError("InternalServerError", "try later", { status: 500 }), "InternalServerError"],
    ["throttling", new AwsError("ThrottlingException", "too much", {}), "ThrottlingException"],
    ["another's transaction", cancelled("None", "TransactionConflict"), "TransactionCanceledException"],
  ])("fails by a name that is tried again for %s", async (_, error, reason) => {
    const handler = stepHandler(() => Promise.reject(error), quietLog());
    const message = `${reason}: ${error.message}`;
    await expect(handler(input, lambdaContext)).rejects.toMatchObject({ name: "ServiceUnavailable", reason, message });
  });

  it.each([
    ["a refusal", new AwsError("AccessDeniedException", "not allowed", { status: 400 })],
    ["a transaction that would be refused again", cancelled("TransactionConflict", "ValidationError")],
    ["a defect", new TypeError("undefined is not a function")],
  ])("fails under its own name for %s", async (_, error) => {
    const handler = stepHandler(() => Promise.reject(error), quietLog());
    await expect(handler(input, lambdaContext)).rejects.toBe(error);
  });

  it("fails a Task that was not given its ids", async () => {
    const handler = stepHandler(async () => ({}), quietLog());
    await expect(handler({ uid: "01U" } as never, lambdaContext)).rejects.toThrow("given were the fields uid");
  });
});
