import type { Evidence, SmokeTestResult } from "../../domain/evidence.ts";
import type { EvidenceStore } from "../ports/evidence.ts";
import type { OperationProgress } from "../ports/record.ts";
import type { WorkflowInput } from "../ports/workflows.ts";

/** Of each body, in the record. */
export const keptCharacters = 2048;

interface Ports {
  record: OperationProgress;
  evidence: EvidenceStore;
}

/** Keeps results with the operation, and what else there is `beside` them in the same write; bodies that are too long for the record lie whole in the evidence bucket. */
export async function keepResults(
  { record, evidence }: Ports,
  input: WorkflowInput,
  name: string,
  results: SmokeTestResult[],
  beside: Partial<Evidence> = {},
): Promise<void> {
  const short = results.map(shortened);
  const isWhole = results.every((result, index) => bodiesOf(result).join() === bodiesOf(short[index] as SmokeTestResult).join());
  const key = isWhole ? undefined : await evidence.put(input.uid, input.operation_id, name, results);
  await record.saveEvidence(input, { ...beside, smoke_tests: short, ...(key !== undefined && { key }) });
}

function shortened(result: SmokeTestResult): SmokeTestResult {
  const request = { ...result.request, body: cut(result.request.body) };
  return { ...result, request, response: { ...result.response, body: cut(result.response.body) } };
}

const bodiesOf = ({ request, response }: SmokeTestResult): (string | null)[] => [request.body, response.body];

const cut = (text: string | null): string | null => (text === null ? null : text.slice(0, keptCharacters));
