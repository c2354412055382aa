import { describe, expect, it } from "vitest";
import { WorkflowError } from "../../domain/errors.ts";
import { stepHandler } from "../../lambdas/runtime/step-handler.ts";
import { lambdaContext } from "../doubles/http-event.ts";
import { quietLog } from "../doubles/quiet-log.ts";

const input = { uid: "01U", operation_id: "01O", epoch: 2 };

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

  it("fails a Task that was not given its ids", async () => {
    const handler = stepHandler(async () => ({}), quietLog());
    await expect(handler({ uid: "01U" } as never, lambdaContext)).rejects.toThrow("given were the fields uid");
  });
});
