import { parseArgs } from "node:util";
import { machine } from "../report.ts";
import { drained } from "./drain.ts";
import { logs } from "./logs.ts";
import { promotion } from "./promotion.ts";
import { remove } from "./remove.ts";
import { blueGreen, canary, create, predict, refused, rollback } from "./rollouts.ts";
import { Stage, usualImage } from "./stage.ts";
import { type Tell, Untruth } from "./told.ts";

/**
 * `npm run story -- [--kubeconfig FILE] [--context NAME] [--image NAME] [--yes] [--artifacts-at HOST:PORT] [--parts
 * canary,rollback] [--gateway-… …]`: what Slipway says of itself, played on a cluster. Prints what it did and saw; ends with 1 at the first untruth.
 */
const text = { type: "string" } as const;
const { values } = parseArgs({
  options: {
    ...{ kubeconfig: text, context: text, image: text, yes: { type: "boolean" }, "artifacts-at": text, parts: text },
    ...{ "gateway-class": text, "gateway-url": text, "gateway-service": text, "gateway-port": text },
  },
});

/** In their order; each finds a deployment that serves. */
const parts: Record<string, (stage: Stage, tell: Tell) => Promise<void>> = {
  create,
  predict,
  "blue-green": blueGreen,
  canary,
  "bad-image": refused("a bad image", (stage) => ({ ...stage.predictor("never"), image: `localhost/nowhere-${stage.run}:1` }), /image/i),
  "crash-loop": refused("a crash loop", (stage) => stage.predictor("never", { MODE: "crash" }), /exit code 3|cannot find the weights/),
  "out-of-memory": refused("out of memory", (stage) => stage.predictor("never", { MODE: "eat" }), /memory|OOMKilled/i),
  unschedulable: refused(
    "unschedulable",
    (stage) => ({ ...stage.predictor("never"), instance_type: "gpu.xlarge" }),
    /nvidia|Unschedulable|insufficient/i,
  ),
  drained,
  rollback,
  logs,
  promotion,
  delete: remove,
};

/** Those that are asked for, between the making of the deployment and its end. */
function chosen(): (keyof typeof parts)[] {
  const names = Object.keys(parts);
  const wanted = values.parts?.split(",") ?? names;
  const strange = wanted.find((name) => !names.includes(name));
  if (strange !== undefined) throw new Error(`--parts knows ${names.join(", ")}; given ${strange}`);
  return names.filter((name) => ["create", "delete", ...wanted].includes(name));
}

function passedOn(): string[] {
  const named = ["artifacts-at", "gateway-class", "gateway-url", "gateway-service", "gateway-port"] as const;
  return [...(values.yes ? ["--yes"] : []), ...named.flatMap((name) => (values[name] === undefined ? [] : [`--${name}`, values[name]]))];
}

async function play(): Promise<void> {
  const names = chosen();
  const stage = await Stage.open({
    ...{ kubeconfig: values.kubeconfig, context: values.context, image: values.image ?? usualImage, more: passedOn() },
    has_artifacts: values.kubeconfig === undefined || values["artifacts-at"] !== undefined,
  });
  try {
    const { gitVersion } = await stage.cluster.get<{ gitVersion: string }>("/version");
    console.log(`On ${stage.cluster.connection.server.href} (${gitVersion}); ${machine()}\n`);
    for (const name of names) {
      const began = performance.now();
      console.log(name);
      await parts[name]?.(stage, (line) => console.log(`   ${line}`));
      console.log(`   (${((performance.now() - began) / 1000).toFixed(1)} s)`);
    }
    console.log("\nAll of it was true.");
  } finally {
    await stage.close();
  }
}

try {
  await play();
} catch (error) {
  console.error(error instanceof Untruth ? `\nUNTRUE: ${error.message}` : error);
  process.exitCode = 1;
}
