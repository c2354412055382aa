import { awaitApproval } from "../../lambdas/promotion/await-approval.ts";
import { completePromotion } from "../../lambdas/promotion/complete-promotion.ts";
import { deployVersion } from "../../lambdas/promotion/deploy-version.ts";
import { openGate } from "../../lambdas/promotion/open-gate.ts";
import { recordPromotionFailure } from "../../lambdas/promotion/record-promotion-failure.ts";
import { recordVerification } from "../../lambdas/promotion/record-verification.ts";
import { resolveVersion } from "../../lambdas/promotion/resolve-version.ts";
import { awaitReady } from "../../lambdas/rollout/await-ready.ts";
import { bake } from "../../lambdas/rollout/bake.ts";
import { complete } from "../../lambdas/rollout/complete.ts";
import { ensureCapacity } from "../../lambdas/rollout/ensure-capacity.ts";
import { prepare } from "../../lambdas/rollout/prepare.ts";
import { provisionSlot } from "../../lambdas/rollout/provision-slot.ts";
import { recordFailure } from "../../lambdas/rollout/record-failure.ts";
import { retireSlot } from "../../lambdas/rollout/retire-slot.ts";
import { shiftTraffic } from "../../lambdas/rollout/shift-traffic.ts";
import { takeRouteAway } from "../../lambdas/rollout/take-route-away.ts";
import { withTaskErrors } from "../../lambdas/rollout/task-errors.ts";
import { completeShutdown } from "../../lambdas/shutdown/complete-shutdown.ts";
import { probeServer } from "../../lambdas/smoke-test/probe-server.ts";
import { sendSmokeTests } from "../../lambdas/smoke-test/send-smoke-tests.ts";

// biome-ignore lint/suspicious/noExplicitAny: each step has its own input and ports
type Run = (input: any, ports: any, remaining: () => number) => Promise<unknown>;

/** The functions of the state machines, as they are deployed, with the seconds that each may take. */
export const functions: Record<string, { run: Run; seconds: number }> = {
  Prepare: { run: withTaskErrors(prepare), seconds: 60 },
  ProvisionSlot: { run: withTaskErrors(provisionSlot), seconds: 60 },
  AwaitReady: { run: withTaskErrors(awaitReady), seconds: 870 },
  ProbeServer: { run: withTaskErrors(probeServer), seconds: 120 },
  SendSmokeTests: { run: withTaskErrors(sendSmokeTests), seconds: 300 },
  EnsureCapacity: { run: withTaskErrors(ensureCapacity), seconds: 300 },
  ShiftTraffic: { run: withTaskErrors(shiftTraffic), seconds: 870 },
  Bake: { run: withTaskErrors(bake), seconds: 870 },
  Complete: { run: withTaskErrors(complete), seconds: 30 },
  TakeRouteAway: { run: withTaskErrors(takeRouteAway), seconds: 600 },
  RetireSlot: { run: withTaskErrors(retireSlot), seconds: 120 },
  RecordFailure: { run: withTaskErrors(recordFailure), seconds: 30 },
  CompleteShutdown: { run: withTaskErrors(completeShutdown), seconds: 30 },
  ResolveVersion: { run: withTaskErrors(resolveVersion), seconds: 30 },
  DeployVersion: { run: withTaskErrors(deployVersion), seconds: 60 },
  RecordVerification: { run: withTaskErrors(recordVerification), seconds: 30 },
  OpenGate: { run: withTaskErrors(openGate), seconds: 30 },
  AwaitApproval: { run: withTaskErrors(awaitApproval), seconds: 30 },
  CompletePromotion: { run: withTaskErrors(completePromotion), seconds: 30 },
  RecordPromotionFailure: { run: withTaskErrors(recordPromotionFailure), seconds: 30 },
};
