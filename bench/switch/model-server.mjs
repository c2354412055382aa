// The model of the switch bench. It answers as V2 servers do wherever it is asked, takes its time, and ends at the first
// stop signal without finishing anything: what keeps requests from being lost has to be elsewhere.
import { createServer } from "node:http";

const { MODE = "fine", GREETING = "", PORT } = process.env;
const usualMilliseconds = 3;
/** One request in so many takes long enough to be under way while traffic moves. */
const slowOne = { in: 50, milliseconds: 400 };
/** A sour model errs after so many predictions. */
const sourAfter = 100;

if (MODE === "crash") {
  console.error("cannot find the weights");
  process.exit(3);
}

process.on("SIGTERM", () => process.exit(0));
// What needs more memory than it has needs it before it serves anybody.
if (MODE === "eat") eat();
else serve();

function eat() {
  const kept = [];
  setInterval(() => kept.push(Buffer.alloc(16 * 1024 * 1024, 1)), 20);
}

function serve() {
  let predictions = 0;
  const server = createServer((request, response) => {
    if (request.url.startsWith("/v2/")) return answer(response, 200, { name: "switch", ready: true });
    predictions += 1;
    const errs = MODE === "wrong" || (MODE === "sour" && predictions > sourAfter);
    const wait = predictions % slowOne.in === 0 ? slowOne.milliseconds : usualMilliseconds;
    setTimeout(() => answer(response, errs ? 500 : 200, { greeting: GREETING }), wait);
  });
  server.listen(Number(PORT ?? 8080), () => console.log(`serving ${GREETING}`));
}

function answer(response, status, body) {
  // By this the client knows an error of the model from one of the way to it.
  response.writeHead(status, { "content-type": "application/json", "x-model": GREETING || "none" });
  response.end(JSON.stringify(body));
}
