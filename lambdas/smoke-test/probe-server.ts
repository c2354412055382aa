import { runtimes } from "../../domain/catalogue/runtimes.ts";
import { selfContainedServer } from "../../domain/catalogue/servers.ts";
import type { Evidence, SmokeTestResult } from "../../domain/evidence.ts";
import { servedComponent } from "../../domain/manifests/server.ts";
import type { Revision } from "../../domain/revision.ts";
import { jsonIn, metadataProbe, signatureIn } from "../../domain/signature.ts";
import type { Component } from "../../domain/words.ts";
import type { ProxyAnswer } from "../ports/cluster.ts";
import type { EvidenceStore } from "../ports/evidence.ts";
import type { MaskSecrets } from "../ports/masking.ts";
import type { WorkflowInput } from "../ports/workflows.ts";
import { beginStep, revisionOf, type Step, type StepPorts } from "../rollout/step.ts";
import { longerThanRead } from "./answer-fault.ts";
import { askSlot } from "./ask-slot.ts";
import { errorWords } from "./error-words.ts";
import { keepResults, keptCharacters } from "./keep-results.ts";
import { maskedResults } from "./masked-results.ts";
import { generatedName, sendGeneratedRequest } from "./send-generated-request.ts";
import { serviceOf, smokeTestFailed } from "./slot-service.ts";

export interface ProbeServerInput extends WorkflowInput {
  /** What the instances run, to be kept with what they answer: one write for both. */
  digests?: Evidence["digests"];
}

const timeout_ms = 10_000;

/**
 * Asks the predictor whether it is live and ready, and for its model's metadata, and the transformer whether it is live
 * and ready, before any test is sent: a server that does not answer is another fault than a wrong answer. Servers differ
 * in bodies (empty, `{}`, `{"live": true}`), so only the status counts. An image of one's own need not offer metadata:
 * that it does not is kept, and no failure.
 * A revision that brings no tests is asked for one answer all the same, by a request made from the metadata.
 */
export async function probeServer(
  input: ProbeServerInput,
  ports: StepPorts & { evidence: EvidenceStore; maskSecrets: MaskSecrets },
): Promise<Record<string, never>> {
  const step = await beginStep(input, "ProbeServer", ports);
  const revision = await revisionOf(step, ports.record);
  const { digests } = input;
  const answered = await probeAll(step, revision, ports).catch(async (error: unknown) => {
    if (digests) await ports.record.saveEvidence(input, { digests });
    throw error;
  });
  const results = await maskedResults(ports.maskSecrets, input.uid, revision, answered);
  const kept = results.map(({ component: _, ...result }) => result);
  await keepResults(ports, input, "probe-server", kept, { ...(digests && { digests }), ...longSignature(kept) });
  const failed = results.find(({ passed }) => !passed);
  if (failed)
    throw smokeTestFailed(step, failed.component, `${failed.name} (${failed.request.method} ${failed.request.path}): ${failed.failure}`);
  return {};
}

async function probeAll(step: Step, revision: Revision, ports: StepPorts): Promise<ProbeResult[]> {
  const results: ProbeResult[] = [];
  for (const { component, name, path, faultIn } of [...predictorProbes(revision), ...transformerProbes(revision)]) {
    const target = serviceOf(step, component);
    const request = { method: "GET", path, timeout_ms };
    results.push({ component, ...(await askSlot({ cluster: step.cluster, clock: ports.clock }, target, name, request, faultIn)) });
  }
  const generated = await generatedResult(step, revision, results);
  if (generated) results.push({ component: "predictor", ...generated });
  return results;
}

type ProbeResult = SmokeTestResult & Pick<Probe, "component">;

interface Probe {
  component: Component;
  name: string;
  path: string;
  faultIn: (answer: ProxyAnswer) => string | undefined;
}

/** Their names have spaces, which those of a person's tests cannot have. */
export const probeNames = [
  "server is live",
  "model is ready",
  metadataProbe,
  "transformer is live",
  "transformer is ready",
  generatedName,
] as const;
const [serverIsLive, modelIsReady, , transformerIsLive, transformerIsReady] = probeNames;

/** undefined where the revision brings tests of its own, where a probe has failed, and where no request can be made. */
async function generatedResult(step: Step, { specification, resolved }: Revision, probes: SmokeTestResult[]) {
  if (specification.smoke_tests.length > 0 || probes.some(({ passed }) => !passed)) return undefined;
  // Without this probe the server speaks another protocol.
  const answer = probes.find(({ name }) => name === metadataProbe);
  if (!answer) return undefined;
  const { model_name, signature } = resolved.predictor;
  return sendGeneratedRequest(step.cluster, serviceOf(step, "predictor"), model_name, {
    metadata: jsonIn(answer.response.body),
    signature,
  });
}

/** What is kept of a long answer is cut, and could not be read any more. */
function longSignature(results: SmokeTestResult[]): Pick<Evidence, "signature"> {
  const answer = results.find(({ name, passed }) => name === metadataProbe && passed);
  const body = answer?.response.body ?? "";
  const signature = body.length > keptCharacters ? signatureIn(jsonIn(body)) : undefined;
  return signature ? { signature } : {};
}

function predictorProbes({ specification, resolved }: Revision): Probe[] {
  const { runtime: name, image, health: told } = specification.predictor;
  const runtime = name === null ? undefined : runtimes[name as keyof typeof runtimes];
  const server = runtime?.server ?? selfContainedServer(image ?? resolved.predictor.image, told);
  const model = resolved.predictor.model_name;
  const component = "predictor";
  const health: Probe[] = [
    { component, name: serverIsLive, path: server.livenessPath(model), faultIn: notWell },
    { component, name: modelIsReady, path: server.readinessPath(model), faultIn: notWell },
  ];
  const offersMetadata = runtime === undefined || runtime.protocol === "v2";
  const faultIn = runtime === undefined ? notBroken : notMetadata;
  return offersMetadata
    ? [...health, { component, name: metadataProbe, path: `/v2/models/${encodeURIComponent(model)}`, faultIn }]
    : health;
}

function transformerProbes(revision: Revision): Probe[] {
  const served = servedComponent(revision, "transformer");
  if (!served) return [];
  const { server, resolved } = served;
  const component = "transformer";
  return [
    { component, name: transformerIsLive, path: server.livenessPath(resolved.model_name), faultIn: notWell },
    { component, name: transformerIsReady, path: server.readinessPath(resolved.model_name), faultIn: notWell },
  ];
}

const notOk = ({ status, body }: ProxyAnswer) =>
  status >= 200 && status < 300 ? undefined : `answered ${status}, expected 200${errorWords(body)}`;

/** A redirect is no fault, as it is none for the kubelet, which has followed it: frameworks send `/live` on to `/live/`. */
const notWell = (answer: ProxyAnswer) => (answer.status >= 300 && answer.status < 400 ? undefined : notOk(answer));

const notBroken = ({ status, body }: ProxyAnswer) => (status < 500 ? undefined : `answered ${status}${errorWords(body)}`);

/** `versions`, `platform` and `parameters` may be null, empty or absent: the name is what every server gives. */
function notMetadata(answer: ProxyAnswer): string | undefined {
  const fault = notOk(answer);
  if (fault) return fault;
  if (answer.is_cut) return longerThanRead;
  try {
    const { name } = JSON.parse(answer.body) as { name?: unknown };
    return typeof name === "string" ? undefined : "the metadata has no name";
  } catch {
    return "the metadata is not JSON";
  }
}
