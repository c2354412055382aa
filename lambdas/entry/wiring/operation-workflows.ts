import { stepFunctionsWorkflows } from "../../adapters/step-functions-workflows.ts";
import type { Workflows } from "../../ports/workflows.ts";
import type { AwsCall } from "../../runtime/aws-json.ts";
import type { SettingName } from "../../runtime/settings.ts";

type MachineSetting = Extract<
  SettingName,
  "ROLLOUT_STATE_MACHINE_ARN" | "ROLLBACK_STATE_MACHINE_ARN" | "SHUTDOWN_STATE_MACHINE_ARN" | "VERIFICATION_STATE_MACHINE_ARN"
>;

/** What carries out operations, for the functions that start or stop it. */
export function operationWorkflows(call: AwsCall, settings: Record<MachineSetting, string>): Workflows {
  return stepFunctionsWorkflows(call, {
    rollout: settings.ROLLOUT_STATE_MACHINE_ARN,
    rollback: settings.ROLLBACK_STATE_MACHINE_ARN,
    shutdown: settings.SHUTDOWN_STATE_MACHINE_ARN,
    verification: settings.VERIFICATION_STATE_MACHINE_ARN,
  });
}
