import type { SmokeTestResult } from "../../domain/evidence.ts";
import type { Revision } from "../../domain/revision.ts";
import type { SmokeTest } from "../../domain/specification.ts";
import type { ProxyAnswer, ProxyRequest, ProxyTarget } from "../ports/cluster.ts";
import type { EvidenceStore } from "../ports/evidence.ts";
import type { MaskSecrets } from "../ports/masking.ts";
import type { Clock } from "../ports/surroundings.ts";
import type { WorkflowInput } from "../ports/workflows.ts";
import { beginStep, newest, revisionOf, type Step, type StepPorts } from "../rollout/step.ts";
import { answerFault } from "./answer-fault.ts";
import { askSlot } from "./ask-slot.ts";
import { keepResults } from "./keep-results.ts";
import { maskedResults } from "./masked-results.ts";
import { probeNames } from "./probe-server.ts";
import { serviceOf, smokeTestFailed } from "./slot-service.ts";

/** For a test that names no limit of its own. */
const patienceMilliseconds = 30_000;
/** Of tests without a limit of time. */
const sentAtOnce = 4;
/** What the step needs to keep its results when its time is nearly over. */
const reserveMilliseconds = 10_000;

/**
 * Sends the revision's own tests, a few at a time, to the component that callers will meet (the transformer where
 * there is one), and keeps every answer: also those after a failure, which say more together than the first alone.
 * Of a revision that brings none nothing is written: a read is a fifth of what it costs to enter a step.
 */
export async function sendSmokeTests(
  input: WorkflowInput,
  ports: StepPorts & { evidence: EvidenceStore; maskSecrets: MaskSecrets },
  remainingMilliseconds: () => number,
): Promise<Record<string, never>> {
  const revision = await revisionOf(await newest(input, ports.record), ports.record);
  const { smoke_tests: tests } = revision.specification;
  if (tests.length === 0) return {};
  const step = await beginStep(input, "SendSmokeTests", ports);
  const probes = await keptProbes(input, ports);
  const component = frontComponent(revision);
  const target = serviceOf(step, component);
  const asking = { cluster: step.cluster, clock: ports.clock };
  const answered = await sendAll(asking, target, tests, () => remainingMilliseconds() - reserveMilliseconds);
  const results = await maskedResults(ports.maskSecrets, input.uid, revision, answered);
  await keepResults(ports, input, "smoke-tests", [...probes, ...results]);
  const failure = failureIn(results);
  if (failure !== undefined) throw smokeTestFailed(step, component, failure);
  return {};
}

/** Once more while the revision has a part of the traffic: the first failure in words; undefined when all have passed. */
export async function repeatSmokeTests(
  { cluster, head, operation }: Step,
  revision: Revision,
  { clock, maskSecrets }: { clock: Clock; maskSecrets: MaskSecrets },
  remainingMilliseconds: () => number,
): Promise<string | undefined> {
  const target = serviceOf({ head, operation }, frontComponent(revision));
  const answered = await sendAll({ cluster, clock }, target, revision.specification.smoke_tests, remainingMilliseconds);
  return failureIn(
    await maskedResults(
      maskSecrets,
      head.uid,
      revision,
      answered.filter(({ passed }) => !passed),
    ),
  );
}

async function sendAll(
  ports: Parameters<typeof askSlot>[0],
  target: ProxyTarget,
  tests: SmokeTest[],
  remainingMilliseconds: () => number,
): Promise<SmokeTestResult[]> {
  const results: SmokeTestResult[] = [];
  const send = async (waiting: Iterable<[number, SmokeTest]>) => {
    for (const [index, test] of waiting) {
      const time = remainingMilliseconds();
      const faultIn = (answer: ProxyAnswer) => answerFault(test, answer);
      results[index] = time > 0 ? await askSlot(ports, target, test.name, requestOf(test, time), faultIn) : notSent(test);
    }
  };
  const isTimed = ([, { expect }]: [number, SmokeTest]) => expect.max_latency_ms !== undefined;
  const entries = [...tests.entries()];
  const together = entries.filter((entry) => !isTimed(entry)).values();
  await Promise.all(Array.from({ length: sentAtOnce }, () => send(together)));
  // Alone: with others beside it, the wait for a single instance would be measured too.
  await send(entries.filter(isTimed));
  return results;
}

const frontComponent = ({ specification }: Revision) => (specification.transformer ? "transformer" : "predictor");

function requestOf({ method, path, headers, body, expect }: SmokeTest, time: number): ProxyRequest {
  const patience = Math.max(patienceMilliseconds, (expect.max_latency_ms ?? 0) * 2);
  return {
    method,
    path,
    headers: { "content-type": "application/json", ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    timeout_ms: Math.min(patience, time),
  };
}

/** ProbeServer has kept its results just before: an eventually consistent read shows them in a moment. */
async function keptProbes(input: WorkflowInput, { record, clock }: StepPorts): Promise<SmokeTestResult[]> {
  for (let attempt = 1; attempt <= 10; attempt++) {
    const kept = (await record.operation(input.operation_id))?.evidence?.smoke_tests ?? [];
    const probes = kept.filter(({ name }) => (probeNames as readonly string[]).includes(name));
    if (probes.length > 0) return probes;
    await clock.sleep(200);
  }
  return [];
}

function notSent({ name, method, path }: SmokeTest): SmokeTestResult {
  const failure = "not sent: the tests before it took all the time that smoke tests may take together";
  return { name, passed: false, request: { method, path, body: null }, response: { status: null, body: null, latency_ms: 0 }, failure };
}

/** The first failure, and how many more there are; undefined when every test has passed. */
function failureIn(results: SmokeTestResult[]): string | undefined {
  const failed = results.filter(({ passed }) => !passed);
  const [first] = failed;
  if (!first) return undefined;
  const others = failed.length > 1 ? ` (and ${failed.length - 1} more of ${results.length} tests)` : "";
  return `smoke test ${first.name} (${first.request.method} ${first.request.path}): ${first.failure}${others}`;
}
