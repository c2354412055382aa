// A cold start in a process of its own: imports a bundle, gives its handler one event, and tells what processor time
// that took. Plain JavaScript, so that nothing but the bundle is at work.
import { pathToFileURL } from "node:url";

process.once("message", async ({ file, event, milliseconds: allowed }) => {
  const end = Date.now() + allowed;
  const context = { awsRequestId: "bench", functionName: "bench", getRemainingTimeInMillis: () => end - Date.now() };
  const before = process.cpuUsage();
  const { handler } = await import(pathToFileURL(file).href);
  const imported = process.cpuUsage(before);
  const outcome = await handler(event, context).then(
    (answer) => ({ answer }),
    (error) => ({ error: `${error.name}: ${error.message}` }),
  );
  const called = process.cpuUsage(before);
  process.send({ import: milliseconds(imported), total: milliseconds(called), ...outcome }, () => process.exit());
});

const milliseconds = ({ user, system }) => (user + system) / 1000;
