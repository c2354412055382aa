import { createHmac } from "node:crypto";

export interface Signing {
  kind?: "generic" | "mlflow";
  id?: string;
  /** Seconds since the epoch. */
  timestamp?: number;
}

/** Headers of a delivery as its sender signs it: CI by Standard Webhooks, MLflow by headers of its own. */
export function signed(body: string | Buffer, secret: string | Buffer, { kind = "generic", id = "d-1", timestamp = 0 }: Signing = {}) {
  const signature = `v1,${createHmac("sha256", secret).update(`${id}.${timestamp}.`).update(body).digest("base64")}`;
  const values = [id, String(timestamp), signature];
  const names =
    kind === "mlflow"
      ? ["x-mlflow-delivery-id", "x-mlflow-timestamp", "x-mlflow-signature"]
      : ["webhook-id", "webhook-timestamp", "webhook-signature"];
  return Object.fromEntries(names.map((name, index) => [name, values[index] as string]));
}
