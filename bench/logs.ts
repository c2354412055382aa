import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { measureFirstLine } from "./first-line.ts";
import { measureVolume } from "./log-volume.ts";
import { type Measure, printMeasures } from "./report.ts";
import { makeFolder, RunningSystem, removeFolder } from "./running-system.ts";

const runs = 4;
const linesEach = 25_000;

/** Asked to, a run writes its part of the lines and kills itself as nobody could stop it; the last one stays. */
const writer = `
import { appendFileSync, readFileSync, writeSync } from "node:fs";
import { createServer } from "node:http";
appendFileSync(process.env.RUNS, "x");
const run = readFileSync(process.env.RUNS, "utf8").length;
const put = (text) => { for (let rest = Buffer.from(text); rest.length > 0; ) try { rest = rest.subarray(writeSync(1, rest)); } catch (error) { if (error.code !== "EAGAIN") throw error; } };
let isDone = false;
createServer((request, response) => {
  if (request.url.endsWith("/write") && !isDone && run <= ${runs}) {
    isDone = true;
    for (let line = 0; line < ${linesEach}; line += 1) put("counted " + run + " " + line + "\\n");
    if (run < ${runs}) process.kill(process.pid, "SIGKILL");
  }
  response.end("{}");
}).listen(Number(process.env.PORT), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
`;

/**
 * How soon the lines of what runs are there, what is lost of what was killed, and what a great many lines take. With
 * `--kubeconfig FILE` the first of it alone, on that cluster.
 */
export async function measureLogs(options: string[]): Promise<void> {
  if (options.length > 0) return printMeasures(`Logs, ${options.join(" ")}`, await measureFirstLine(options));
  printMeasures("Logs", [await measureLost(), ...(await measureFirstLine([])), ...(await measureVolume())]);
}

async function measureLost(): Promise<Measure> {
  const folder = makeFolder();
  writeFileSync(join(folder, "writer.mjs"), writer);
  const image = { command: [process.execPath, join(folder, "writer.mjs")], env: { RUNS: join(folder, "runs") } };
  const images = join(folder, "images.json");
  writeFileSync(images, JSON.stringify({ "bench/writer:1": image }));
  const system = await RunningSystem.start(["--data", join(folder, "data"), "--images", images, "--no-sample"]);
  try {
    await system.apiAnswers();
    const body = { group: "demo", name: "writer", environment: "staging", access: "public", predictor: { image: "bench/writer:1" } };
    await system.call("POST", "/v1/deployments", body);
    await system.until(async () => ((await system.call("GET", "/v1/deployments/writer/state")).operation ? undefined : true));
    return await lost(system);
  } finally {
    await system.stop();
    removeFolder(folder);
  }
}

/** Every line of every run is asked for, page by page, until no more come. */
async function lost(system: RunningSystem): Promise<Measure> {
  const seen = new Set<string>();
  let cursor = "";
  await system
    .until(async () => {
      await fetch(`${system.url}/endpoints/writer/write`).catch(() => undefined);
      const page = await system.call("GET", `/v1/deployments/writer/logs?source=historical&sort=asc&tail=2000&since=1h${cursor}`);
      for (const { message } of page.items ?? []) if (message.startsWith("counted ")) seen.add(message);
      cursor = `&cursor=${encodeURIComponent(page.next_cursor ?? page.cursor)}`;
      return seen.size >= runs * linesEach || undefined;
    })
    .catch((error: unknown) => console.error(error));
  const all = runs * linesEach;
  const note = `of ${all} lines, over ${runs - 1} kills`;
  return { what: "lines lost in history (none may be)", value: all - seen.size, limit: null, unit: "lines", note };
}
