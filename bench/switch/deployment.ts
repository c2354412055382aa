import { writeFileSync } from "node:fs";
import { join } from "node:path";

export const id = "bench-switch";
/** Of model-server.mjs, on either cluster. */
export const image = "bench/model:1";
const script = join(import.meta.dirname, "model-server.mjs");

/** Of `npm start`, with everything that it keeps in this folder. */
export const systemOptions = (folder: string): string[] => ["--data", join(folder, "data"), "--no-sample", ...imagesOption(folder)];

export function imagesOption(folder: string): string[] {
  const file = join(folder, "images.json");
  writeFileSync(file, JSON.stringify(images));
  return ["--images", file];
}
export const images = { [image]: { command: [process.execPath, script] } };

/** What a caller asks: a POST, which nobody on its way may send twice. */
export const prediction = JSON.stringify({ inputs: [{ name: "input", shape: [1, 4], datatype: "FP32", data: [6.3, 3.3, 6, 2.5] }] });

export type Mode = "fine" | "crash" | "wrong" | "sour";

export function predictor(greeting: string, mode: Mode = "fine"): object {
  const env = { GREETING: greeting, MODE: mode };
  return { image, env: Object.entries(env).map(([name, value]) => ({ name, value })) };
}

/** What every revision here shares; two instances, because one at a time is what gateways are good at. */
export function specification(greeting: string, rollout: object): object {
  const scaling_config = { min_replicas: 2, max_replicas: 2 };
  return {
    ...{ group: "demo", name: id, id, environment: "staging", access: "public", rollout },
    predictor: { ...predictor(greeting), scaling_config },
    smoke_tests: [{ name: "predicts", method: "GET", path: "/predict", expect: { status: 200 } }],
  };
}
