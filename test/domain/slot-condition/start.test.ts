import { describe, expect, test } from "vitest";
import { anEvent, downloaded, ended, judge, running, serverIn, terminated, verdictOf, waiting } from "../builders.ts";

const log = "Traceback (most recent call last):\n  File \"serve.py\", line 3\nModuleNotFoundError: No module named 'torch'\n";
const backOff = anEvent("BackOff", "Back-off restarting failed container predictor in pod card-scorer", { container: "predictor" });

describe("a container that cannot be made", () => {
  test.each([
    ["a Secret that is not there, just now", "CreateContainerConfigError", 9, "STARTED False CreateContainerConfigError progressing"],
    ["a Secret that is not there", "CreateContainerConfigError", 10, "STARTED False CreateContainerConfigError failed"],
    ["a container that the runtime refuses", "CreateContainerError", 30, "STARTED False CreateContainerError failed"],
    ["a sandbox that is refused", "CreatePodSandboxError", 400, "STARTED False CreatePodSandboxError progressing"],
    ["a command that cannot be run, first time", "RunContainerError", 400, "STARTED False RunContainerError progressing"],
    ["a hook that fails", "PostStartHookError", 400, "STARTED False PostStartHookError progressing"],
  ])("%s", (_, reason, age, expected) => {
    expect(verdictOf(judge({ pods: [serverIn(waiting(reason, "the kubelet's words"), { age })] }))).toBe(expected);
  });

  test("says what is missing", () => {
    const { condition } = judge({ pods: [serverIn(waiting("CreateContainerConfigError", 'configmap "nope" not found'))] });
    expect(condition.message).toBe(`predictor of revision 4 (green): the container's configuration is wrong: configmap "nope" not found`);
  });

  test("a command that is not in the image", () => {
    const last = ended(128, "StartError", 'exec: "/no/such": stat /no/such: no such file or directory');
    const judgement = judge({ pods: [serverIn(waiting("RunContainerError", "", { restarts: 1, last }))] });
    expect(verdictOf(judgement)).toBe("STARTED False RunContainerError progressing");
    expect(judgement.condition.message).toContain("the container cannot be started (exit code 128, restarted once): exec:");
  });
});

describe("a server that ends", () => {
  test.each([
    ["crashed once", terminated(ended(1, "Error", log)), [], "STARTED False Error progressing"],
    ["runs again after a crash", running({ restarts: 1, last: ended(1) }), [], "STARTED False Error progressing"],
    [
      "crashed, and the kubelet backs off",
      terminated(ended(1), { restarts: 1, last: ended(1) }),
      [backOff],
      "STARTED False CrashLoopBackOff failed",
    ],
    [
      "a third restart is a loop, whatever the kubelet calls it",
      running({ restarts: 3, last: ended(1) }),
      [],
      "STARTED False Error failed",
    ],
    [
      "the late word",
      waiting("CrashLoopBackOff", "back-off 10s", { restarts: 1, last: ended(1) }),
      [],
      "STARTED False CrashLoopBackOff failed",
    ],
    [
      "another container's back-off is not ours",
      running({ restarts: 1, last: ended(1) }),
      [anEvent("BackOff", "Back-off restarting failed container proxy in pod x", { container: "proxy" })],
      "STARTED False Error progressing",
    ],
    ["ended well, which a server must not", terminated(ended(0, "Completed")), [], "STARTED False Completed progressing"],
    ["out of memory once", terminated(ended(137, "OOMKilled")), [], "STARTED False OOMKilled progressing"],
    ["out of memory twice", running({ restarts: 2, last: ended(137, "OOMKilled") }), [], "STARTED False OOMKilled failed"],
  ])("%s", (_, container, events, expected) => {
    expect(verdictOf(judge({ pods: [serverIn(container)], events }))).toBe(expected);
  });

  test("tells exit code, restarts and the last line of the log", () => {
    const { condition } = judge({ pods: [serverIn(terminated(ended(1, "Error", log), { restarts: 2 }))] });
    expect(condition.message).toBe(
      "predictor of revision 4 (green): the server crashed (exit code 1, restarted 2 times): ModuleNotFoundError: No module named 'torch'",
    );
  });

  // As Python's uvicorn, Node.js and Java write them: what follows the error, or stands around it, says nothing of the cause.
  test.each([
    [
      `Traceback (most recent call last):\n  File "serve.py", line 3, in load\n    ^^^^^^\nValueError: no weights\nERROR:    Application startup failed. Exiting.\n`,
      "ValueError: no weights",
    ],
    [
      `INFO: first\nTraceback (most recent call last):\n  File "a.py", line 3\nOSError: first\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File "b.py", line 9\nmodels.LoadError: second\nINFO:     Shutting down\nINFO:     Finished server process [1]\n`,
      "models.LoadError: second",
    ],
    [
      `node:internal/modules/cjs/loader:1400\n  throw err;\n  ^\n\nError: Cannot find module 'express'\n    at Function._resolveFilename (node:internal:1:2)\n    at main (server.js:1:7) {\n  code: 'MODULE_NOT_FOUND'\n}\n\nNode.js v24.10.0\n`,
      "Error: Cannot find module 'express'",
    ],
    [
      `Exception in thread "main" java.lang.IllegalStateException: no model\n\tat Server.main(Server.java:3)\n\t... 3 more\n`,
      `Exception in thread "main" java.lang.IllegalStateException: no model`,
    ],
    [
      "TypeError: no split\n    at file:///mnt/scripts/broken.mjs:3:7\n    at async load (main.ts:9:1)\nscript broken.mjs cannot be loaded: TypeError: no split (broken.mjs:3:7)\n",
      "script broken.mjs cannot be loaded: TypeError: no split (broken.mjs:3:7)",
    ],
    [
      `  File "a.py", line 3\nKeyError: of a request\n${"INFO: GET / 200\n".repeat(40)}cannot bind to the port\n`,
      "cannot bind to the port",
    ],
    [`  File "cut.py", line 3`, `File "cut.py", line 3`],
    ["one\n two\n", "two"],
  ])("tells the error that stands in a log: %j", (text, told) => {
    const { condition } = judge({ pods: [serverIn(terminated(ended(1, "Error", text)))] });
    expect(condition.message).toBe(`predictor of revision 4 (green): the server crashed (exit code 1): ${told}`);
  });

  test("tells what to do about memory", () => {
    const { condition } = judge({ pods: [serverIn(terminated(ended(137, "OOMKilled"), { restarts: 1 }))] });
    expect(condition.message).toContain("(exit code 137 (SIGKILL), restarted once); choose a larger one");
  });

  const killedFor = (age: number) => [
    anEvent("Killing", "Container predictor failed liveness probe, will be restarted", { type: "Normal", age }),
    anEvent("Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500", { age }),
  ];
  const stopped = "the server was stopped: Liveness probe failed: HTTP probe failed with statuscode: 500";

  test.each([
    ["by the signal", 143, "exit code 143 (SIGTERM)"],
    ["of itself, when it was asked to", 0, "exit code 0"],
  ])("tells a server that the kubelet stopped from one that crashed: it ended %s", (_, code, words) => {
    const { condition } = judge({ pods: [serverIn(running({ restarts: 1, last: ended(code) }))], events: killedFor(3) });
    expect(condition.message).toContain(`${stopped} (${words}`);
  });

  test("an end that no probe has brought about is not laid to one of an earlier run", () => {
    const { condition } = judge({ pods: [serverIn(running({ restarts: 2, last: ended(3) }))], events: killedFor(60) });
    expect(condition.message).toContain("the server crashed (exit code 3");
  });

  test("names a container that is not the server", () => {
    const sidecar = terminated(ended(2), { name: "proxy", restarts: 3 });
    const pod = serverIn(running({ ready: true, started: true }), { containers: [running({ ready: true, started: true }), sidecar] });
    expect(judge({ pods: [pod] }).condition.message).toContain("container proxy: the server crashed (exit code 2");
  });
});

test("a server that does not answer yet is starting, and the probe's words are told", () => {
  const events = [anEvent("Unhealthy", 'Startup probe failed: Get "http://10.88.0.5:8080/v2/health/live": connect: connection refused')];
  const judgement = judge({ pods: [serverIn(running(), { age: 600, inits: [downloaded] })], events });
  expect(verdictOf(judgement)).toBe("STARTED Unknown Starting progressing");
  expect(judgement.condition.message).toContain("connection refused");
});
