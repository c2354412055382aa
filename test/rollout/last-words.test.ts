import { expect, it } from "vitest";
import { judgeSlot } from "../../domain/slot-condition.ts";
import { withLastWords } from "../../lambdas/rollout/last-words.ts";
import { ended, facts, now, serverIn, terminated } from "../domain/builders.ts";

/** The end of what MLServer 1.7.1 writes of a model that is no pickle, before it ends with 0. */
const mlserver = `
2026-11-22 03:03:37,958 [mlserver] ERROR - Some of the models failed to load during startup!
Traceback (most recent call last):
  File "/opt/conda/lib/python3.10/site-packages/mlserver/parallel/dispatcher.py", line 87, in _wait
    response_message = await future
                       ^^^^^^^^^^^^
mlserver.parallel.errors.WorkerError: builtins.IndexError: pop from empty list
2026-11-22 03:03:37,959 [mlserver.parallel] INFO - Waiting for shutdown of default inference pool...
2026-11-22 03:03:38,639 [mlserver.parallel] INFO - Shutdown of default inference pool complete
2026-11-22 03:03:38,647 [mlserver.grpc] INFO - gRPC server shutdown complete
INFO:     Shutting down
INFO:     Waiting for application shutdown.
INFO:     Application shutdown complete.
INFO:     Finished server process [1]
2026-11-22 03:03:38,835 [mlserver.parallel] INFO - Shutdown of default inference pool complete`;

const log = { component: "predictor" as const, container_name: "predictor", previous: false, lines: mlserver.trim().split("\n") };
const judged = (end: object, logs: Parameters<typeof withLastWords>[1]) =>
  judgeSlot(withLastWords(facts({ pods: [pod(end)] }), logs), { predictor: 1, transformer: null }, now).condition.message;
const pod = (end: object) => serverIn(terminated(end));
const instance = pod({}).metadata.name as string;
const said = "predictor of revision 4 (green): the server ended by itself (exit code 0)";

it("are the cause of a server that ends with 0 when it cannot load its model", () => {
  const error = "mlserver.parallel.errors.WorkerError: builtins.IndexError: pop from empty list";
  expect(judged(ended(0, "Completed"), [{ ...log, instance }])).toBe(`${said}: ${error}`);
});

it.each([
  ["another instance", { ...log, instance: "another" }],
  ["another container", { ...log, instance, container_name: "proxy" }],
  ["the run before", { ...log, instance, previous: true }],
])("are none of %s", (_, other) => expect(judged(ended(0, "Completed"), [other])).toBe(said));

it("do not stand in for what the kubelet has kept", () => {
  expect(judged(ended(1, "Error", "no such model"), [{ ...log, instance }])).toContain("exit code 1): no such model");
});
