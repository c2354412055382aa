import { type Measure, median, printMeasures, spread } from "./report.ts";
import { makeFolder, RunningSystem, removeFolder } from "./running-system.ts";

const runs = 5;
const limits = { answer: 5, prediction: 12 };

interface Times {
  answer: number;
  prediction: number;
}

/** How long `npm start` takes to the first answer of the API and to the first right prediction, with the template synthesized before. */
export async function measureStart(): Promise<void> {
  const warmUp = makeFolder();
  await startOnce(warmUp);
  removeFolder(warmUp);
  const absent: Times[] = [];
  const present: Times[] = [];
  for (let run = 0; run < runs; run++) {
    const data = makeFolder();
    const first = await startOnce(data);
    absent.push(first);
    present.push(await startOnce(data, first.port));
    removeFolder(data);
  }
  printMeasures("Start: seconds from the command", [...measures("no data", absent), ...measures("data of an earlier run", present)]);
}

async function startOnce(data: string, port?: number): Promise<Times & { port: number }> {
  const system = await RunningSystem.start(["--data", data], port);
  try {
    const since = () => (performance.now() - system.began) / 1000;
    const prediction = system.sampleAnswers().then(since);
    const answer = await system.apiAnswers().then(since);
    return { answer, prediction: await prediction, port: system.port };
  } finally {
    await system.stop();
  }
}

function measures(what: string, times: Times[]): Measure[] {
  const measure = (name: string, values: number[], limit: number): Measure => ({
    what: `${name}, ${what}`,
    value: median(values),
    limit,
    unit: "s",
    note: spread(values),
  });
  return [
    measure(
      "first answer of the API",
      times.map(({ answer }) => answer),
      limits.answer,
    ),
    measure(
      "first prediction",
      times.map(({ prediction }) => prediction),
      limits.prediction,
    ),
  ];
}
