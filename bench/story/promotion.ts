import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { exportOnnx } from "../../local/sample/export-onnx.ts";
import { train } from "../../local/sample/train.ts";
import type { Stage } from "./stage.ts";
import { type Tell, truth } from "./told.ts";

const credentials = { accessKeyId: "story", secretAccessKey: "local" };
const bucket = "slipway-models";
const patienceMilliseconds = 300_000;

/** A training job that is done: its model goes through staging to production with nobody's hand on it. */
export async function promotion(stage: Stage, tell: Tell): Promise<void> {
  if (!stage.options.has_artifacts)
    return tell("not played: pods find no artifact store here (--artifacts-at HOST:PORT gives them this system's S3)");
  const name = `card-${stage.run}`;
  const client = { endpoint: `${stage.system.url}/aws`, region: "us-east-1", credentials };
  const trained = train();
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `${name}/model.onnx`, Body: exportOnnx(trained.classifier) }));

  const rollout = { drain_seconds: 1, warm_seconds: 0 };
  const target = { specification: { access: "public", rollout } };
  await stage.system.call("POST", "/v1/models", { group: stage.group, name });
  await stage.system.call(
    "PUT",
    `/v1/models/${stage.group}/${name}/promotion-policy`,
    {
      ...{ automatic: "production", gate: "auto", staging: target, production: target },
    },
    { as: "admin" },
  );
  const detail = {
    job_id: `job-${stage.run}`,
    status: "COMPLETED",
    model: { group: stage.group, name },
    artifact_uri: `s3://${bucket}/${name}`,
  };
  const bus = new EventBridgeClient(client);
  const event = { EventBusName: "slipway", Source: "model-studio", DetailType: "Training Job State Change" };
  await bus.send(new PutEventsCommand({ Entries: [{ ...event, Detail: JSON.stringify({ ...detail, framework: "onnx" }) }] }));
  const promoted = await ended(stage, name);
  truth(promoted.outcome === "SUCCEEDED", "the promotion succeeds", promoted);
  const row = trained.heldOut.at(-1) as { features: number[]; label: number };
  const input = { name: "input", shape: [1, row.features.length], datatype: "FP32", data: row.features };
  const answer = await fetch(`${stage.system.url}/endpoints/${name}/v2/models/${name}/infer`, {
    ...{ method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ inputs: [input] }) },
  });
  const body = (await answer.json()) as { outputs?: { name: string; data: number[] }[] };
  truth(body.outputs?.some(({ data }) => data[0] === row.label) === true, "production predicts what the model was trained to", body);
  tell(
    `a completed training job went ${promoted.stages.map((each: { name: string }) => each.name).join(" → ")}; production answers label ${row.label}, as trained`,
  );
  for (const id of [name, `${name}-staging`]) await stage.changed("DELETE", `/v1/deployments/${id}?name=${id}`).catch(() => undefined);
}

async function ended(stage: Stage, name: string) {
  for (const end = Date.now() + patienceMilliseconds; ; await new Promise((resolve) => setTimeout(resolve, 250))) {
    const [newest] = (await stage.system.call("GET", `/v1/promotions?group=${stage.group}&model=${name}`)).items;
    if (newest?.outcome) return newest;
    truth(Date.now() < end, "the promotion ends", newest ?? "no promotion");
  }
}
