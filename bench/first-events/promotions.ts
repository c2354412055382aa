import { createHmac, randomUUID } from "node:crypto";
import { httpEvent } from "../events.ts";
import type { Fence, FirstEvent, Round } from "./round.ts";

/**
 * Version 1 of a model goes by its policy until it waits for an approval. The promotions of versions 2 and 3 wait in its
 * lane, where no workflow takes their steps: the bench does.
 */

const modelOf = (round: Round) => ({ group: "demo", name: round.name("card") });
const job = (round: Round, version: number) => ({
  id: `${round.name("job")}-${version}`,
  source: "model-studio",
  "detail-type": "Training Job State Change",
  time: new Date().toISOString(),
  detail: { job_id: `${round.name("job")}-${version}`, status: "COMPLETED", model: modelOf(round), ...artifact },
});
const artifact = { artifact_uri: "s3://artifacts/card", runtime: "onnx" };
const target = { specification: { access: "public", rollout: { drain_seconds: 0, warm_seconds: 0 } } };

async function makeModel(round: Round): Promise<void> {
  const { system } = round;
  await system.call("POST", "/v1/models", modelOf(round));
  const goesBy = { automatic: "production", gate: "approval", in_flight: "queue", staging: target, production: target };
  await system.call("PUT", `/v1/models/demo/${round.name("card")}/promotion-policy`, goesBy, { as: "admin" });
}

/** The promotion of a version, once it is as far as it has to be. */
async function promotionOf(round: Round, version: number, waitingFor: string | null): Promise<string> {
  return round.system.until(async () => {
    const { items } = await round.system.call("GET", `/v1/promotions?model=${round.name("card")}`);
    // biome-ignore lint/suspicious/noExplicitAny: shapes are the API's own
    const found = items.find((one: any) => one.model.version === version && one.waiting_for === waitingFor);
    return found?.id;
  });
}

/** What its workflow starts with. */
const second = (round: Round) => ({ promotion_id: round.get("second promotion"), group: "demo" });

/** A delivery as its sender signs it. */
async function signed(round: Round, report: object) {
  const body = JSON.stringify(report);
  const [id, at] = [randomUUID(), String(Math.floor(Date.now() / 1000))];
  const mac = createHmac("sha256", await round.record.webhookSecret("generic")).update(`${id}.${at}.${body}`);
  return { headers: { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": `v1,${mac.digest("base64")}` }, body: report };
}

/** Rolls out what DeployVersion has begun, as the promotion's workflow would, to its end. */
async function rollOut(round: Round, rollout: Fence | null): Promise<void> {
  if (rollout === null) throw new Error("DeployVersion has begun nothing that could be rolled out");
  await round.record.startExecution(round.setting("DeployVersion", "ROLLOUT_STATE_MACHINE_ARN"), rollout.operation_id, rollout);
  await round.operationEnded(rollout.operation_id);
}

/** The model has its promotions one after the other; nothing is held, so that rollouts come to their end. */
export const promotionEvents = {
  ReceiveWebhook: async (round) => {
    round.letGo();
    await makeModel(round);
    const delivery = await signed(round, { id: round.name("build"), model: modelOf(round), ...artifact });
    return httpEvent("POST /v1/webhooks/{source}", { parameters: { source: "generic" }, ...delivery });
  },
  ReceiveEvent: async (round) => {
    round.known.set("first promotion", await promotionOf(round, 1, "approval"));
    return job(round, 2);
  },
  ReceiveReport: async (round) => {
    const unknown = { group: "demo", name: round.name("later") };
    const { headers, body } = await signed(round, { id: round.name("early"), model: unknown, ...artifact });
    const { id } = await round.system.call("POST", "/v1/webhooks/generic", body, { headers });
    await round.system.call("POST", "/v1/models", unknown);
    return httpEvent("POST /v1/triggers/{id}/replay", { parameters: { id }, as: "admin" });
  },
  ResolveVersion: async (round) => {
    round.known.set("second promotion", await promotionOf(round, 2, null));
    return second(round);
  },
  DeployVersion: (round) => ({ ...second(round), stage: "staging" }),
  RecordVerification: async (round) => {
    await rollOut(round, round.answers.DeployVersion.rollout);
    return second(round);
  },
  OpenGate: second,
  AwaitApproval: (round) => ({ ...second(round), task_token: "bench" }),
  CompletePromotion: async (round) => {
    const { rollout } = (await round.invoke("DeployVersion", { ...second(round), stage: "production" })) as { rollout: Fence };
    await rollOut(round, rollout);
    return second(round);
  },
  RecordPromotionFailure: async (round) => {
    await round.system.call("POST", `/v1/models/demo/${round.name("card")}/versions`, artifact);
    const promotion_id = await promotionOf(round, 3, null);
    return { promotion_id, group: "demo", failure: { Error: "SlotFailed", Cause: "it did not come up", State: "DeployVersion" } };
  },
  /** The last word to the first promotion: its own workflow goes on by it. */
  ChangePromotions: (round) =>
    httpEvent("POST /v1/promotions/{id}/approve", {
      ...{ parameters: { id: round.get("first promotion") }, body: { comment: "" }, as: "admin" },
    }),
} as const satisfies Record<string, FirstEvent>;
